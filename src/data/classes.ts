import { type Dataset, subset, writeOneHot } from './dataset.ts';
import { DataError } from './error.ts';
import type { Source } from './source.ts';

/**
 * The examples of some classes of a source, the classes counted anew in the order given; examples without a class are left out.
 *
 * @param only Names, or numbers from 0.
 * @throws DataError for a class that is not there, twice the same, and data without classes.
 */
export function onlyClasses(source: Source, only: readonly (string | number)[]): Source {
  const names = source.train.classes;
  const chosen = only.map((c) => (typeof c === 'number' ? c : (names?.indexOf(c) ?? -1)));
  const wrong = chosen.findIndex((c, i) => c < 0 || c >= (names?.length ?? 0) || chosen.indexOf(c) !== i);
  if (!names || wrong >= 0) {
    throw new DataError({
      where: `data.only${names ? `.${wrong}` : ''}`,
      found: names ? `'${only[wrong]}'` : 'data without classes',
      expected: names ? `each once of ${names.map((n) => `'${n}'`).join(', ')}, or their numbers` : 'classes to choose from',
      fix: 'correct or leave out `only`',
    });
  }
  const part = (dataset: Dataset): Dataset => classesOf(dataset, chosen);
  return {
    ...source,
    train: part(source.train),
    test: source.test && part(source.test),
    validation: source.validation && part(source.validation),
  };
}

/** The examples of some classes of a set, by number, counted anew in that order. */
export function classesOf(dataset: Dataset, chosen: readonly number[]): Dataset {
  const renumbered = new Map(chosen.map((c, i) => [c, i]));
  const indices: number[] = [];
  for (let i = 0; i < dataset.size; i++) if (renumbered.has(dataset.label(i))) indices.push(i);
  const part = subset(dataset, Uint32Array.from(indices));
  const label = (i: number): number => renumbered.get(part.label(i))!;
  return {
    ...part,
    classes: chosen.map((c) => dataset.classes![c]!),
    label,
    target: (i, out, offset) => writeOneHot(label(i), chosen.length, out, offset),
  };
}
