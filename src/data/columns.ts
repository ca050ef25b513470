import { fits } from '../graph/glob.ts';
import { nearest } from '../graph/nearest.ts';
import type { Column, Dataset } from './dataset.ts';
import { collectIssues } from './error.ts';

/**
 * Positions of the columns that names mean, in the order of the table: a name as it is, a column of texts with all of its levels
 * (`column=level`), or a pattern in which * stands for any characters. Throws `DataError` for what means no column.
 */
export function chosenColumns(names: readonly string[], columns: readonly Column[]): readonly number[] {
  const issues = collectIssues();
  const chosen = new Set<number>();
  names.forEach((wanted, i) => {
    const found = positionsOf(wanted, columns);
    for (const at of found) chosen.add(at);
    if (found.length > 0) return;
    const near = nearest(
      wanted.replaceAll('*', ''),
      columns.map((c) => c.name),
    );
    issues.add({
      where: `preprocess.columns[${i}]`,
      found: `'${wanted}', which is none of the ${columns.length} columns`,
      expected: `names or patterns of columns; the nearest are ${near.map((n) => `'${n}'`).join(', ')}`,
      fix: 'check the spelling and what `data` says of columns',
    });
  });
  issues.check();
  return [...chosen].sort((a, b) => a - b);
}

/** The first way of meaning columns by which there are some. */
function positionsOf(wanted: string, columns: readonly Column[]): readonly number[] {
  const ways: readonly ((name: string) => boolean)[] = [
    (name) => name === wanted,
    (name) => name.startsWith(`${wanted}=`),
    (name) => fits(name, wanted),
  ];
  for (const way of ways) {
    const found = columns.flatMap(({ name }, at) => (way(name) ? [at] : []));
    if (found.length > 0) return found;
  }
  return [];
}

/** The same rows with some of their columns alone, by position; all of them where none are told. */
export function onlyColumns(dataset: Dataset, at: readonly number[] | undefined): Dataset {
  const { example, spreads } = dataset;
  if (!at || example.layout !== 'vector') return dataset;
  const whole = new Float32Array(example.shape[0]);
  return {
    ...dataset,
    example: { ...example, shape: [at.length], columns: at.map((c) => example.columns[c]!) },
    ...(spreads && { spreads: { mean: at.map((c) => spreads.mean[c]!), std: at.map((c) => spreads.std[c]!) } }),
    read(i, out, offset) {
      dataset.read(i, whole, 0);
      at.forEach((c, j) => {
        out[offset + j] = whole[c]!;
      });
    },
  };
}
