import type { Dim, Shape, TensorType } from '../graph/type.ts';
import { unnamedDim } from '../onnx/model.ts';

/** Two sizes for each open dimension: no two pairs are alike, and both sizes of a pair differ. */
const trials: readonly (readonly [number, number])[] = [
  [2, 3],
  [5, 7],
  [11, 13],
  [4, 6],
  [9, 8],
];

/** Names of the sizes that some shapes leave open, in order. */
export const openNames = (shapes: Iterable<Shape>): readonly string[] => [
  ...new Set([...shapes].flatMap((shape) => shape.filter((d) => typeof d === 'string'))),
];

/**
 * Sizes to try in place of open ones, so that what changes with a name can be told from what does not. Undefined for more names
 * than anybody uses.
 */
export function trialSizes(names: readonly string[]): readonly [Trial, Trial] | undefined {
  if (names.length > trials.length) return undefined;
  const trial = (which: 0 | 1): Trial => new Map(names.map((name, i) => [name, trials[i]![which]]));
  return [trial(0), trial(1)];
}
export type Trial = ReadonlyMap<string, number>;

/** A shape with the sizes of a trial for its names. */
export const withTrial = (shape: Shape, trial: Trial): Shape => shape.map((d) => (typeof d === 'string' ? trial.get(d)! : d));

/**
 * Types with open sizes, from the types that two trials gave: a size that is the same in both is a size, one that changed as a name
 * did is that name, one that changed as a product of two names is their product (`L·N`, as the shapes of reshapes say it), and
 * everything else has a name of its own.
 */
export function mergedTypes(
  types: readonly [ReadonlyMap<string, TensorType>, ReadonlyMap<string, TensorType>],
  [one, two]: readonly [Trial, Trial],
): ReadonlyMap<string, TensorType> {
  const pairs = new Map<string, string>();
  const names = [...one.keys()];
  for (const a of names) {
    for (const b of names) {
      if (a < b) pairs.set(`${one.get(a)! * one.get(b)!},${two.get(a)! * two.get(b)!}`, `${a}·${b}`);
    }
  }
  for (const a of names) pairs.set(`${one.get(a)},${two.get(a)}`, a);
  const merged = (name: string, a: TensorType, b: TensorType): TensorType => ({
    dtype: a.dtype,
    shape: a.shape.map((d, i): Dim => {
      const e = b.shape[i];
      return d === e ? d : (pairs.get(`${d},${e}`) ?? unnamedDim(name, i));
    }),
  });
  return new Map(
    [...types[0]].flatMap(([name, a]): readonly [string, TensorType][] => {
      const b = types[1].get(name);
      return b && b.shape.length === a.shape.length ? [[name, merged(name, a, b)]] : [];
    }),
  );
}
