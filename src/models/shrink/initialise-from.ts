import { arrayOf, type Tensor } from '../../graph/type.ts';
import { type Importance, importanceByWeights, scoresIn } from './importance.ts';
import { type LayerRule, layersFrom } from './layer-maps.ts';
import { type Counted, nameIn, patternOf, type Structure } from './structure.ts';

export interface InitialiseRule {
  /** `every-other` unless told. */
  readonly layers?: LayerRule;
  /** What decides which units stay; by the weights themselves where there is none. */
  readonly importance?: Importance;
}

/**
 * Weights for a student out of those of a teacher that is built alike: layers by a map, and of channels, heads and units the ones
 * that matter most, in their old order.
 *
 * @param weights The teacher's, by name.
 * @param from What the teacher is made of.
 * @param to What the student is made of.
 * @returns Tensors by the student's names. What does not fit (another width of a head, more units than the teacher has) is not in it:
 * the student keeps its own start there.
 * @throws ModelError `bad-option` for a map of layers that does not fit.
 */
export function initialiseFrom(
  weights: ReadonlyMap<string, Tensor>,
  from: Structure,
  to: Structure,
  { layers = 'every-other', importance = new Map() }: InitialiseRule = {},
): Map<string, Tensor> {
  const chosen = layersFrom(layers, to.layers, from.layers);
  const scores = new Map([...importanceByWeights(weights, from), ...importance]);
  const result = new Map<string, Tensor>();
  for (const [name, tensor] of weights) {
    const { pattern, layer } = patternOf(name);
    const axes = from.axes[pattern];
    if (!axes || !to.axes[pattern]) continue;
    const kept = axes.map((of) => (of === null ? undefined : keptOf(of, layer, from, to, scores)));
    if (kept.includes('none')) continue;
    const part = axes.reduce((t, _, axis) => taken(t, axis, kept[axis] as readonly number[] | undefined), tensor);
    const ours = layer === undefined ? [undefined] : chosen.flatMap((theirs, i) => (theirs === layer ? [i] : []));
    for (const i of ours) result.set(nameIn(pattern, i), part);
  }
  return result;
}

/** Places along an axis that stay; undefined: all of them; `none`: the student cannot take any. */
function keptOf(
  of: string,
  layer: number | undefined,
  from: Structure,
  to: Structure,
  scores: Importance,
): readonly number[] | 'none' | undefined {
  const [theirs, ours] = [from.counted[of], to.counted[of]];
  if (!theirs || !ours || theirs.each !== ours.each || ours.units > theirs.units) return 'none';
  if (ours.units === theirs.units) return undefined;
  const units = best(theirs, ours.units, scoresIn(scores, of, layer));
  return units.flatMap((u) => Array.from({ length: theirs.each }, (_, i) => u * theirs.each + i));
}

/** The most important units in their old order; of equals the earlier ones. */
function best({ units, kept }: Counted, count: number, scores: readonly number[] | undefined): readonly number[] {
  const all = Array.from({ length: units }, (_, u) => u);
  if (kept === 'first' || !scores) return all.slice(0, count);
  return all
    .toSorted((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}

/** Slices of a tensor at some places along an axis. */
function taken(t: Tensor, axis: number, places: readonly number[] | undefined): Tensor {
  if (!places) return t;
  const inner = t.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = t.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const size = t.shape[axis]!;
  const data = new (arrayOf(t.dtype))(outer * places.length * inner);
  for (let o = 0; o < outer; o++) {
    places.forEach((place, i) => {
      const start = (o * size + place) * inner;
      (data as Float32Array).set((t.data as Float32Array).subarray(start, start + inner), (o * places.length + i) * inner);
    });
  }
  return { dtype: t.dtype, shape: t.shape.with(axis, places.length), data };
}
