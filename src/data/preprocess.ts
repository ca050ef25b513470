import { z } from 'zod';
import { chosenColumns } from './columns.ts';
import type { ExampleType, Spreads } from './dataset.ts';
import { collectIssues, DataError } from './error.ts';

const perChannel = <Item extends z.ZodNumber>(item: Item) => z.union([item, z.array(item).min(1)]);

/** How one model wants its input, starting from the view that all models share: pictures in RGB order, channels first, 0…1. */
export const preprocessSchema = z.strictObject({
  resize: z
    .strictObject({
      height: z.int().min(1).max(8192),
      width: z.int().min(1).max(8192),
      mode: z
        .enum(['nearest', 'bilinear', 'area'])
        .default('bilinear')
        .describe('nearest: pixel ⌊i·in/out⌋; bilinear: between pixel centres; area: mean of the pixels that one covers'),
    })
    .optional()
    .describe('Size the model wants; default: the size of the data'),
  channels: z
    .enum(['rgb', 'bgr', 'grey', 'repeat'])
    .default('rgb')
    .describe('rgb: as they are; bgr: reversed; grey: one from three (ITU-R BT.601); repeat: three from one'),
  scale: z.number().positive().default(1).describe('Factor on 0…1, before mean and std: 255 for a model that wants bytes'),
  mean: perChannel(z.number())
    .default(0)
    .describe('Subtracted after scaling; one number, or one a channel in the order of the model'),
  std: perChannel(z.number().positive()).default(1).describe('Divided by after the mean; one number, or one a channel'),
  layout: z.enum(['nchw', 'nhwc']).default('nchw').describe('Where the channels go'),
  flatten: z.boolean().default(false).describe('One row of numbers for each picture'),
  columns: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Of a table: only these columns, in the order of the table; * stands for any characters, a column of texts for all its levels',
    ),
  texts: z.literal('first').optional().describe('Of pairs of texts: only the first of the two'),
});
export type Preprocess = z.output<typeof preprocessSchema>;

/** Preprocessing for examples that are known: its columns are positions. */
export type SettledPreprocess = Omit<Preprocess, 'columns'> & { readonly columns?: readonly number[] };

/** Preprocessing with the names of columns looked up. Throws `DataError` for columns that are not there. */
export function settledPreprocess({ columns, ...spec }: Preprocess, example: ExampleType): SettledPreprocess {
  return columns && example.layout === 'vector' ? { ...spec, columns: chosenColumns(columns, example.columns) } : spec;
}

/** Examples in flight: numbers of one example and their shape ([C,H,W] until the layout is chosen). */
interface Picture {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

type Stage = (from: Picture) => Picture;

const channelStages: Readonly<
  Record<
    Preprocess['channels'],
    {
      readonly needs: number | null;
      readonly gives: number | null;
      readonly stage: Stage;
      /** What numbers of the model's channels say of those of the data. */
      readonly back: (byChannel: readonly number[]) => readonly number[];
    }
  >
> = {
  rgb: { needs: null, gives: null, stage: (p) => p, back: (c) => c },
  bgr: {
    needs: 3,
    gives: 3,
    back: (c) => [...c].reverse(),
    stage: (p) =>
      mixChannels(p, [
        [0, 0, 1],
        [0, 1, 0],
        [1, 0, 0],
      ]),
  },
  grey: { needs: 3, gives: 1, stage: (p) => mixChannels(p, [[0.299, 0.587, 0.114]]), back: ([c]) => [c!, c!, c!] },
  repeat: {
    needs: 1,
    gives: 3,
    stage: (p) => mixChannels(p, [[1], [1], [1]]),
    back: (c) => [c.reduce((a, b) => a + b, 0) / c.length],
  },
};

/**
 * How the numbers of the data are spread, as far as the preprocessing of a model that was trained on them tells: its mean and
 * deviation, undone to the scale of the data. `usual` stands where it says nothing (mean 0, deviation 1), and for columns that it leaves out.
 */
export function spreadsBehind(spec: Preprocess, example: ExampleType, usual: Spreads): Spreads {
  const channels = preprocessedChannels(spec, example);
  const { columns = usual.mean.map((_, c) => c), scale } = settledPreprocess(spec, example);
  const undone = (value: number | readonly number[], neutral: number, otherwise: readonly number[]): readonly number[] => {
    const given = [value].flat();
    if (given.every((v) => v === neutral)) return otherwise;
    const each = Array.from({ length: channels }, (_, c) => given[given.length === 1 ? 0 : c]! / scale);
    const back = channelStages[spec.channels].back(each);
    return otherwise.map((v, c) => back[columns.indexOf(c)] ?? v);
  };
  return { mean: undone(spec.mean, 0, usual.mean), std: undone(spec.std, 1, usual.std) };
}

/** Channels of what a model gets, or numbers of a vector. */
function preprocessedChannels(spec: Preprocess, example: ExampleType): number {
  const shape = preprocessedShape({ ...spec, flatten: false, layout: 'nchw' }, example);
  return shape[0]!;
}

/** The shape of one example as the model gets it, without the batch. Throws `DataError` where the data cannot be brought to it. */
export function preprocessedShape(spec: Preprocess, example: ExampleType): readonly number[] {
  const issues = collectIssues();
  const wrong = (option: string, found: string, expected: string, fix?: string): void =>
    issues.add({ where: `preprocess.${option}`, found, expected, ...(fix === undefined ? {} : { fix }) });
  const { needs, gives } = channelStages[spec.channels];
  const seen = `examples of shape [${example.shape}]`;
  if (example.layout === 'tokens') {
    if (JSON.stringify({ ...spec, texts: undefined }) !== JSON.stringify(preprocessSchema.parse({})))
      throw new DataError({
        where: 'preprocess',
        found: 'it is set for texts',
        expected: 'pictures or numbers',
        fix: 'remove it',
      });
    return example.shape;
  }
  if (spec.texts) wrong('texts', `'${spec.texts}' for ${seen}`, 'texts', 'remove it');
  if (spec.columns && example.layout !== 'vector') wrong('columns', `it is set for ${seen}`, 'rows of a table', 'remove it');
  const { columns } = settledPreprocess(spec, example);
  if (example.layout === 'vector') {
    if (spec.resize) wrong('resize', `it is set for ${seen}`, 'pictures', 'remove it');
    if (needs !== null) wrong('channels', `'${spec.channels}' for ${seen}`, 'pictures', 'remove it');
    if (spec.layout !== 'nchw') wrong('layout', `'${spec.layout}' for ${seen}`, 'pictures', 'remove it');
  }
  const [first, height = 1, width = 1] = example.shape as readonly number[] as [number, number?, number?];
  const channels = columns?.length ?? first;
  if (example.layout === 'image' && needs !== null && needs !== channels) {
    wrong('channels', `'${spec.channels}' for pictures with ${channels}`, `${needs} channel${needs > 1 ? 's' : ''}`);
  }
  const out = [gives ?? channels, spec.resize?.height ?? height, spec.resize?.width ?? width] as const;
  for (const option of ['mean', 'std'] as const) {
    const value = spec[option];
    if (Array.isArray(value) && value.length !== 1 && value.length !== out[0]) {
      wrong(option, `${value.length} numbers`, `one, or ${out[0]} (one a channel of the model)`);
    }
  }
  issues.check();
  if (example.layout === 'vector') return [channels];
  const [c, h, w] = out;
  if (spec.flatten) return [c * h * w];
  return spec.layout === 'nchw' ? [c, h, w] : [h, w, c];
}

/**
 * The preprocessing of one example in plain code, as a reference: resize, channels, (x·scale − mean) / std, layout.
 * Reads at `from` in the shared view and writes at `to`.
 */
export function preprocess(
  spec: Preprocess,
  example: ExampleType,
): (view: Float32Array, from: number, out: Float32Array, to: number) => void {
  preprocessedShape(spec, example);
  const { resize, scale, mean, std, columns } = settledPreprocess(spec, example);
  if (example.layout === 'tokens') return tokensOnly(spec, example.shape[1]);
  const shape = example.layout === 'image' ? example.shape : [example.shape[0], 1, 1];
  const count = shape.reduce((a, b) => a * b, 1);
  const stages: Stage[] = [
    ...(columns
      ? [(p: Picture) => ({ shape: [columns.length, 1, 1], data: Float32Array.from(columns, (c) => p.data[c]!) })]
      : []),
    ...(resize ? [(p: Picture) => resized(p, resize)] : []),
    channelStages[spec.channels].stage,
    (p) => normalised(p, scale, [mean].flat(), [std].flat()),
    ...(spec.layout === 'nhwc' ? [channelsLast] : []),
  ];
  return (view, from, out, to) => {
    const start: Picture = { shape, data: view.slice(from, from + count) };
    out.set(stages.reduce((picture, stage) => stage(picture), start).data, to);
  };
}

/** Tokens stay, but for those of a second text that is not to be seen. */
const tokensOnly =
  ({ texts }: Preprocess, length: number): ReturnType<typeof preprocess> =>
  (view, from, out, to) => {
    for (let at = 0; at < length; at++) {
      const seen = texts === undefined || view[from + length + at] === 1;
      for (const row of [0, length]) out[to + row + at] = seen ? view[from + row + at]! : 0;
    }
  };

/** Every channel that goes out is a weighted sum of those that come in. */
function mixChannels({ shape, data }: Picture, weights: readonly (readonly number[])[]): Picture {
  const [, height, width] = shape as [number, number, number];
  const area = height * width;
  const out = new Float32Array(weights.length * area);
  weights.forEach((row, c) => {
    for (let p = 0; p < area; p++) out[c * area + p] = row.reduce((sum, w, k) => sum + w * data[k * area + p]!, 0);
  });
  return { shape: [weights.length, height, width], data: out };
}

function normalised({ shape, data }: Picture, scale: number, mean: readonly number[], std: readonly number[]): Picture {
  const area = data.length / shape[0]!;
  const pick = (list: readonly number[], c: number): number => list[list.length === 1 ? 0 : c]!;
  return {
    shape,
    data: data.map((x, p) => {
      const c = Math.floor(p / area);
      return (x * scale - pick(mean, c)) / pick(std, c);
    }),
  };
}

function channelsLast({ shape, data }: Picture): Picture {
  const [channels, height, width] = shape as [number, number, number];
  const area = height * width;
  return { shape: [height, width, channels], data: data.map((_, p) => data[(p % channels) * area + Math.floor(p / channels)]!) };
}

/** Where an output pixel looks in an input axis, and how much each place counts. */
type Look = readonly (readonly [place: number, share: number])[];

type Resize = NonNullable<Preprocess['resize']>;

const looks: Readonly<Record<Resize['mode'], (i: number, from: number, to: number) => Look>> = {
  nearest: (i, from, to) => [[Math.floor((i * from) / to), 1]],
  bilinear: (i, from, to) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const near = Math.floor(at);
    return [
      [near, 1 - (at - near)],
      [Math.min(from - 1, near + 1), at - near],
    ];
  },
  area: (i, from, to) => {
    const [start, end] = [(i * from) / to, ((i + 1) * from) / to];
    const look: [number, number][] = [];
    for (let p = Math.floor(start); p < end; p++) {
      const covered = Math.min(end, p + 1) - Math.max(start, p);
      look.push([Math.min(p, from - 1), covered / (end - start)]);
    }
    return look;
  },
};

function resized({ shape, data }: Picture, { height, width, mode }: Resize): Picture {
  const [channels, fromHeight, fromWidth] = shape as [number, number, number];
  const rows = Array.from({ length: height }, (_, y) => looks[mode](y, fromHeight, height));
  const columns = Array.from({ length: width }, (_, x) => looks[mode](x, fromWidth, width));
  const out = new Float32Array(channels * height * width);
  let p = 0;
  for (let c = 0; c < channels; c++) {
    for (const down of rows) {
      for (const along of columns) {
        let sum = 0;
        for (const [y, tall] of down) {
          for (const [x, wide] of along) sum += tall * wide * data[(c * fromHeight + y) * fromWidth + x]!;
        }
        out[p++] = sum;
      }
    }
  }
  return { shape: [channels, height, width], data: out };
}
