import { z } from 'zod';
import { type Dataset, type ExampleType, plainTarget, plainVector, type Spreads } from '../dataset.ts';
import { collectIssues, DataError, type Issues } from '../error.ts';
import { openTokenizer } from '../readers/text-files.ts';
import { type DataContext, defineSource, plainSource } from '../source.ts';
import { textTypeOf } from '../text/deployed-files.ts';

/** Numbers of one example: more than any model takes, and still an array. */
const largest = 2 ** 28;
const size = z.int().min(1).max(largest);
const names = z.array(z.string().min(1)).min(1);
const perChannel = <Item extends z.ZodNumber>(item: Item) => z.union([item, z.array(item).min(1)]);

const options = z.strictObject({
  kind: z.literal('none'),
  shape: z
    .union([z.tuple([size]), z.tuple([size, size, size])], {
      error:
        'expected [channels, height, width] of a picture, or [length] of a vector (potstill inspect says what a model takes)',
    })
    .optional()
    .describe('What one example is: [channels, height, width] of a picture 0…1, or [length] of a vector; of texts left out'),
  classes: z
    .union([z.int().min(2).max(1_000_000), names.min(2)])
    .optional()
    .describe('Classes that the teacher tells apart: how many, or their names in the order of its outputs'),
  values: names.optional().describe('Names of the numbers that the teacher predicts (regression)'),
  columns: names.optional().describe('Names of the numbers of a vector'),
  mean: perChannel(z.number())
    .optional()
    .describe(
      'Mean of such data where it is known; one number, or one a channel or column. Default: what the teacher’s preprocess says',
    ),
  std: perChannel(z.number().positive())
    .optional()
    .describe('Standard deviation of such data where it is known; one number, or one a channel or column'),
  tokenizer: z.string().min(1).optional().describe('Of texts: folder or tokenizer.json of the teacher, or hf:owner/name'),
  length: z.int().min(2).max(65_536).optional().describe('Of texts: most tokens of an example'),
});
type Options = z.output<typeof options>;

export const none = defineSource({
  kind: 'none',
  summary: 'No data at all, only what one example is: for programs that make examples up from a teacher (data-free).',
  title: () => 'no data',
  options,
  async open(o, context) {
    const issues = collectIssues();
    const example = await exampleOf(o, context, issues);
    if (o.classes !== undefined && o.values !== undefined) {
      issues.add({
        where: 'data',
        found: 'both `classes` and `values`',
        expected: 'one of them',
        fix: 'keep what the teacher gives',
      });
    }
    for (const key of ['classes', 'values', 'columns'] as const) refuseTwice(key, o[key], issues);
    const spreads = spreadsOf(o, example, issues);
    issues.check();
    const empty = emptyDataset(o, example, spreads);
    return { ...plainSource(empty, empty, empty), withoutExamples: true };
  },
});

async function exampleOf(
  { shape, columns, tokenizer, length }: Options,
  context: DataContext,
  issues: Issues,
): Promise<ExampleType> {
  const isText = tokenizer !== undefined;
  if (isText ? shape || columns || length === undefined : !shape || length !== undefined) {
    const keys = Object.entries({ shape, columns, tokenizer, length }).flatMap(([key, v]) =>
      v === undefined ? [] : [`\`${key}\``],
    );
    throw new DataError({
      where: 'data',
      found: keys.length > 0 ? keys.join(' and ') : 'neither `shape` nor `tokenizer`',
      expected:
        'what one example is: `shape` of pictures [channels, height, width] and of vectors [length], `tokenizer` and `length` of texts',
      fix: 'give what the teacher takes; potstill inspect says it of a file',
    });
  }
  if (isText) {
    const text = textTypeOf((await openTokenizer(tokenizer, context))!, length!);
    return { layout: 'tokens', shape: [2, length!], text };
  }
  const [first, height, width] = shape!;
  const numbers = first * (height ?? 1) * (width ?? 1);
  if (numbers > largest) {
    throw new DataError({
      where: 'data.shape',
      found: `[${shape}], which is ${numbers} numbers`,
      expected: `at most ${largest} in one example`,
      fix: 'give the shape of one example, without the batch',
    });
  }
  if (columns && (height !== undefined || columns.length !== first)) {
    issues.add({
      where: 'data.columns',
      found: `${columns.length} names for the shape [${shape}]`,
      expected: height === undefined ? `${first}, one a number` : 'none, since pictures have no columns',
    });
  }
  return height === undefined
    ? plainVector(columns ?? Array.from({ length: first }, (_, c) => `x${c + 1}`))
    : { layout: 'image', shape: [first, height, width!] };
}

function refuseTwice(key: string, given: unknown, issues: Issues): void {
  if (!Array.isArray(given)) return;
  const twice = given.find((name, i) => given.indexOf(name) !== i);
  if (twice !== undefined) issues.add({ where: `data.${key}`, found: `'${twice}' twice`, expected: 'different names' });
}

function spreadsOf({ mean, std }: Options, { layout, shape }: ExampleType, issues: Issues): Spreads | undefined {
  if (mean === undefined && std === undefined) return undefined;
  const channels = shape[0];
  const kinds = layout === 'image' ? 'channel' : 'column';
  const each = (key: 'mean' | 'std', given: number | readonly number[] | undefined): readonly number[] => {
    const list = [given ?? []].flat();
    const wrong = (found: string, expected: string, fix?: string): void =>
      issues.add({ where: `data.${key}`, found, expected, ...(fix !== undefined && { fix }) });
    if (layout === 'tokens') wrong('it is set for texts', 'pictures or numbers', 'remove it');
    else if (list.length === 0) wrong(`only the other of \`mean\` and \`std\``, 'both or neither');
    else if (list.length !== 1 && list.length !== channels) {
      wrong(`${list.length} numbers`, `one, or ${channels} (one a ${kinds})`);
    } else if (layout === 'image' && list.some((v) => v < 0 || v > 1)) {
      wrong(`[${list}]`, 'numbers of pictures, which are 0…1', 'divide numbers of bytes by 255');
    }
    return list.length === 1 ? new Array<number>(channels).fill(list[0]!) : list;
  };
  return { mean: each('mean', mean), std: each('std', std) };
}

function emptyDataset({ classes, values = [] }: Options, example: ExampleType, spreads: Spreads | undefined): Dataset {
  const absent = (i: number): never => {
    throw new Error(`internal: example ${i} of data without examples`);
  };
  return {
    name: 'no data',
    size: 0,
    example,
    ...(spreads && { spreads }),
    ...(example.layout === 'tokens' && { length: absent }),
    classes: typeof classes === 'number' ? Array.from({ length: classes }, (_, c) => String(c)) : (classes ?? null),
    targets: values.map(plainTarget),
    read: absent,
    label: absent,
    target: absent,
    row: absent,
  };
}
