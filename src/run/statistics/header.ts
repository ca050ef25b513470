import { z } from 'zod';
import { collectIssues, DataError } from '../../data/error.ts';
import type { GroupedMoments } from '../../synthesis/metadata/metadata.ts';

/** Under which a file of statistics says what it holds, as JSON. */
export const statisticsKey = 'potstill.statistics';

const count = z.int().min(2);
const grouped = {
  /** Examples of all, and by class. */
  count,
  byClass: z.array(count.nullable()),
  covariance: z.boolean(),
};

const headerSchema = z.strictObject({
  version: z.literal(1),
  teacher: z.string(),
  data: z.string(),
  classes: z.array(z.string()),
  classesFrom: z.enum(['labels', 'teacher', 'labels and teacher']).nullable(),
  atLeast: z.int().min(2),
  leftOut: z.int().min(0),
  layers: z
    .array(z.strictObject({ tap: z.string(), shape: z.array(z.int().min(1)), nonNegative: z.boolean(), ...grouped }))
    .min(1),
  pairs: z.array(z.strictObject({ taps: z.tuple([z.string(), z.string()]), ...grouped })),
});

/** What a file of statistics says of the tensors in it. */
export type StatisticsHeader = z.output<typeof headerSchema>;
export type Counted = Pick<StatisticsHeader['layers'][number], 'count' | 'byClass' | 'covariance'>;

export const countedOf = ({ all, byClass }: GroupedMoments): Counted => ({
  count: all.count,
  byClass: byClass.map((moments) => moments?.count ?? null),
  covariance: all.covariance !== null,
});

/** The header of a file. @throws DataError when there is none, or one that contradicts itself. */
export function parseHeader(text: string | undefined, where: string): StatisticsHeader {
  const fix = 'make the file again with `potstill collect`';
  const expected = 'statistics of a teacher as `potstill collect` writes them';
  if (text === undefined) throw new DataError({ where, found: 'tensors of something else', expected, fix });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new DataError({ where: `${where}: ${statisticsKey}`, found: 'text that is not JSON', expected, fix });
  }
  const issues = collectIssues();
  const parsed = headerSchema.safeParse(json);
  for (const { path, message } of parsed.error?.issues ?? []) {
    issues.add({
      where: `${where}: ${[statisticsKey, ...path].join('.')}`,
      found: 'something else',
      expected: lower(message),
      fix,
    });
  }
  issues.check();
  const header = parsed.data!;
  const add = (at: string, found: string, wanted: string): void =>
    issues.add({ where: `${where}: ${at}`, found, expected: wanted, fix });
  const [first] = header.layers;
  [...header.layers, ...header.pairs].forEach((of, i) => {
    const at = i < header.layers.length ? `layers.${i}` : `pairs.${i - header.layers.length}`;
    const classes = header.classesFrom === null ? 0 : header.classes.length;
    if (of.byClass.length !== classes) add(at, `${of.byClass.length} classes`, `${classes} of the file`);
    if (of.count !== first!.count || of.byClass.some((n, c) => n !== first!.byClass[c])) {
      add(at, 'other numbers of examples than in the first layer', 'the same in all');
    }
  });
  const taps = header.layers.map(({ tap }) => tap);
  const twice = taps.find((tap, i) => taps.indexOf(tap) !== i);
  if (twice !== undefined) add('layers', `'${twice}' twice`, 'each layer once');
  header.pairs.forEach((pair, i) => {
    if (pair.taps.some((tap) => !taps.includes(tap))) add(`pairs.${i}`, pair.taps.join(' and '), `two of ${taps.join(', ')}`);
    if (!pair.covariance) add(`pairs.${i}`, 'no covariance', 'one of both layers');
  });
  issues.check();
  return header;
}

const lower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);
