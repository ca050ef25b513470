import type { Dataset } from '../../data/dataset.ts';
import { exampleSize } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import type { Matrix } from '../../run/metrics.ts';

/** Where tasks come from: examples by class, with what the teacher says of them. */
export interface Pool {
  readonly dataset: Dataset;
  /** Examples of each class. */
  readonly byClass: readonly (readonly number[])[];
  /** Logits of the teacher for every example; null where it is not asked. */
  readonly teacher: Matrix | null;
}

export function poolOf(dataset: Dataset, teacher: Matrix | null): Pool {
  const byClass: number[][] = dataset.classes!.map(() => []);
  for (let i = 0; i < dataset.size; i++) if (dataset.label(i) >= 0) byClass[dataset.label(i)]!.push(i);
  return { dataset, byClass, teacher };
}

/** A small classification task: its classes in an order of its own, and examples by class, one class after another. */
export interface Episode {
  readonly classes: readonly number[];
  readonly support: readonly number[];
  readonly query: readonly number[];
}

export interface EpisodeSizes {
  readonly ways: number;
  /** Support examples of a class. */
  readonly shots: number;
  /** Query examples of a class. */
  readonly queries: number;
}

/**
 * Draws a task: classes, and of each examples to adapt on and others to be judged by. A function of the key alone.
 * @param from Where support is drawn.
 * @param judged Where the query is drawn; where it is the same pool, other examples.
 */
export function drawEpisode(
  { classes, from, judged }: { readonly classes: readonly number[]; readonly from: Pool; readonly judged: Pool },
  { ways, shots, queries }: EpisodeSizes,
  key: { readonly seed: number; readonly purpose: string; readonly step: number },
): Episode {
  const draws = random(key.seed, key.purpose, key.step);
  const chosen = Array.from(draws.permutation(classes.length).subarray(0, ways), (i) => classes[i]!);
  const pick = (pool: Pool, c: number, count: number, without: ReadonlySet<number>): number[] => {
    const all = pool.byClass[c]!;
    const picked = new Set<number>();
    while (picked.size < count) {
      const i = all[draws.integer(all.length)]!;
      if (!without.has(i)) picked.add(i);
    }
    return [...picked];
  };
  const support = chosen.map((c) => pick(from, c, shots, new Set()));
  const query = chosen.map((c, w) => pick(judged, c, queries, from === judged ? new Set(support[w]) : new Set()));
  return { classes: chosen, support: support.flat(), query: query.flat() };
}

/** Writes examples: their view, one-hot classes of the task, and the teacher's logits for those classes. */
export function writeExamples(
  { dataset, teacher }: Pool,
  indices: readonly number[],
  classes: readonly number[],
  into: { readonly view: Float32Array; readonly target: Float32Array; readonly teacher?: Float32Array },
  at = 0,
): void {
  const size = exampleSize(dataset);
  const ways = classes.length;
  indices.forEach((i, row) => {
    const place = at + row;
    dataset.read(i, into.view, place * size);
    const label = dataset.label(i);
    classes.forEach((c, way) => {
      into.target[place * ways + way] = Number(label === c);
      if (into.teacher) into.teacher[place * ways + way] = teacher!.data[i * teacher!.width + c]!;
    });
  });
}
