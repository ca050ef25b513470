import type { Random } from '../../data/random.ts';
import type { Tensors } from '../../run/store.ts';
import type { Disturbance } from './options.ts';

/** Bytes of tensors as they are sent. */
export const bytesOf = (tensors: Tensors): number => Object.values(tensors).reduce((n, t) => n + t.data.byteLength, 0);

/** Σ nₖ·wₖ / Σ nₖ for every tensor, running statistics included: McMahan et al. 2017 (arXiv 1602.05629), algorithm 1. */
export function average(all: readonly { readonly weights: Tensors; readonly examples: number }[]): Tensors {
  const total = all.reduce((n, { examples }) => n + examples, 0);
  return Object.fromEntries(
    Object.entries(all[0]!.weights).map(([name, { dtype, shape, data }]) => {
      // In double precision, and times a quotient: of models that are alike the mean is the model.
      const sum = new Float64Array(data.length);
      for (const { weights, examples } of all) {
        const from = weights[name]!.data as Float32Array;
        for (let i = 0; i < sum.length; i++) sum[i]! += (from[i]! * examples) / total;
      }
      return [name, { dtype, shape, data: Float32Array.from(sum) }];
    }),
  );
}

/** Scales a vector to an L2 norm of at most `clip` and adds noise of expected norm deviation·(clip, or the vector's own norm). */
export function disturb(vector: Float64Array, { deviation, clip }: Disturbance, draws: Random): void {
  const norm = Math.sqrt(vector.reduce((s, v) => s + v * v, 0));
  const factor = clip !== undefined && norm > clip ? clip / norm : 1;
  const std = (deviation * (clip ?? norm)) / Math.sqrt(vector.length);
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! * factor + (std > 0 ? std * draws.normal() : 0);
}

/**
 * Weights whose change since `before`, all tensors together, is clipped and has noise on it.
 * @param buffers Running statistics: those that are never negative stay so, since variances are among them.
 */
export function disturbedWeights(
  weights: Tensors,
  before: Tensors,
  buffers: ReadonlySet<string>,
  noise: Disturbance,
  draws: Random,
): Tensors {
  const names = Object.keys(weights).sort();
  const change = Float64Array.from(
    names.flatMap((name) => {
      const from = before[name]!.data as Float32Array;
      return Array.from(weights[name]!.data as Float32Array, (w, i) => w - from[i]!);
    }),
  );
  disturb(change, noise, draws);
  let at = 0;
  return Object.fromEntries(
    names.map((name) => {
      const { dtype, shape, data } = weights[name]!;
      const from = before[name]!.data as Float32Array;
      const least = buffers.has(name) && (data as Float32Array).every((w) => w >= 0) ? 0 : Number.NEGATIVE_INFINITY;
      return [name, { dtype, shape, data: from.map((w) => Math.max(least, w + change[at++]!)) }];
    }),
  );
}

/** Logits of which each row, its mean taken out, is clipped and has noise on it; a constant on all logits of an example says nothing. */
export function disturbedRows(data: Float32Array, width: number, noise: Disturbance, draws: Random): Float32Array {
  const out = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += width) {
    const row = data.subarray(at, at + width);
    const mean = row.reduce((a, b) => a + b, 0) / width;
    const centred = Float64Array.from(row, (v) => v - mean);
    disturb(centred, noise, draws);
    out.set(centred, at);
  }
  return out;
}
