import type { Tensor } from '../../graph/type.ts';
import type { Range } from '../calibrate/ranges.ts';

/** Scale and zero point of a tensor as a whole: value = (q − zero)·scale, q from 0 to 255. */
export interface Affine {
  readonly scale: number;
  readonly zero: number;
}

/** Unsigned 8 bits over a range, which is widened to hold zero: padding and masks are exact then. */
export function affineOf({ low, high }: Range): Affine {
  const [from, to] = [Math.min(low, 0), Math.max(high, 0)];
  const scale = Math.fround((to - from) / 255);
  if (!(scale > 0)) return { scale: 1, zero: 0 };
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-from / scale))) };
}

/** Weights as signed integers, symmetric, with a scale for each channel. */
export interface QuantisedWeight {
  readonly q: Tensor;
  /** [channels], each the largest magnitude of its channel by `most`. */
  readonly scales: Tensor;
}

/**
 * Rounds weights to −most…most.
 *
 * @param axis Along which channels lie.
 * @param least Scales are not smaller than this, channel by channel.
 */
export function quantiseWeight(weight: Tensor, axis: number, most = 127, least: ArrayLike<number> = []): QuantisedWeight {
  const channels = weight.shape[axis]!;
  const inner = weight.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const from = weight.data as Float32Array;
  const largest = new Float32Array(channels);
  const channelOf = (i: number): number => Math.floor(i / inner) % channels;
  for (let i = 0; i < from.length; i++) {
    const c = channelOf(i);
    const size = Math.abs(from[i]!);
    if (size > largest[c]!) largest[c] = size;
  }
  const scales = largest.map((v, c) => Math.fround(Math.max(v / most, least[c] ?? 0)) || 1);
  const q = new Int8Array(from.length);
  for (let i = 0; i < from.length; i++) q[i] = Math.max(-most, Math.min(most, Math.round(from[i]! / scales[channelOf(i)]!)));
  return {
    q: { dtype: 'int8', shape: weight.shape, data: q },
    scales: { dtype: 'float32', shape: [channels], data: scales },
  };
}

/** Steps that a bias may be away from zero: far from the ends of 32 bits, so that sums do not leave them. */
const farthest = 2 ** 30;

/** Smallest scales of weights with which a bias fits into 32 bits beside them. */
export const scalesForBias = (bias: Tensor, input: number): Float32Array =>
  (bias.data as Float32Array).map((b) => Math.abs(b) / (input * farthest));

/** A bias in steps of input scale × weight scale, as the sums that it is added to. */
export function quantiseBias(bias: Tensor, input: number, weights: Tensor): { readonly q: Tensor; readonly scales: Tensor } {
  const scales = (weights.data as Float32Array).map((s) => s * input);
  const q = Int32Array.from(bias.data as Float32Array, (b, c) => Math.round(b / scales[c]!));
  return {
    q: { dtype: 'int32', shape: bias.shape, data: q },
    scales: { dtype: 'float32', shape: bias.shape, data: scales },
  };
}
