import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { showType, tensor } from '../../graph/type.ts';
import { matmul } from '../../ops/linalg.ts';
import { blockMean, upsample } from '../../ops/resample.ts';
import { reshape, swapLast } from '../../ops/shape.ts';

/** How much each of `size` cells counts in cell `i` of `result`: pairs of cell and weight, summing to 1. */
type Share = (i: number, size: number, result: number) => readonly (readonly [cell: number, weight: number])[];

/** Means over ⌊i·size/result⌋ … ⌈(i+1)·size/result⌉ − 1, as PyTorch's adaptive average pooling. */
const averaging: Share = (i, size, result) => {
  const first = Math.floor((i * size) / result);
  const count = Math.ceil(((i + 1) * size) / result) - first;
  return Array.from({ length: count }, (_, k) => [first + k, 1 / count]);
};

/** Linear between the centres of cells; beyond the first and the last centre the value stays. */
const linear: Share = (i, size, result) => {
  const at = Math.min(Math.max(((i + 0.5) * size) / result - 0.5, 0), size - 1);
  const below = Math.min(Math.floor(at), size - 1);
  return [
    [below, below + 1 - at],
    [Math.min(below + 1, size - 1), at - below],
  ];
};

const nearest: Share = (i, size, result) => [[Math.floor((i * size) / result), 1]];

const growing = { linear, nearest };

/** How a map is enlarged. */
export type Growth = keyof typeof growing;

/** The cells of one axis as weighted sums: [result, size]. */
function shares(x: Value, size: number, result: number, growth: Growth): Value {
  const share = result < size ? averaging : growing[growth];
  const matrix = Array.from({ length: result * size }, () => 0);
  for (let i = 0; i < result; i++) for (const [cell, weight] of share(i, size, result)) matrix[i * size + cell]! += weight;
  return x.graph.constant(tensor(x.dtype, [result, size], matrix));
}

const whole = (sizes: readonly number[], by: readonly number[]): readonly number[] | undefined => {
  const factors = sizes.map((size, i) => size / by[i]!);
  return factors.every(Number.isInteger) ? factors : undefined;
};

/**
 * Brings maps to another size, axis by axis: averages where it shrinks (PyTorch's adaptive average pooling, so plain pooling for
 * whole factors), interpolation where it grows.
 *
 * @param x [B, C, H, W].
 * @param sizes Height and width of the result.
 * @param growth `linear` (bilinear between centres of cells) or `nearest`.
 * @returns [B, C, …sizes].
 */
export function fitMap(x: Value, sizes: readonly number[], growth: Growth = 'linear'): Value {
  if (x.rank !== 4) throw new GraphError('shape-mismatch', `size of maps: ${showType(x.type)}; expected [B,C,H,W]`);
  const old = x.shape.slice(2) as readonly number[];
  const blocks = whole(old, sizes);
  if (blocks) return blockMean(x, blocks);
  const repeats = growth === 'nearest' && whole(sizes, old);
  if (repeats) return upsample(x, repeats);
  const [height, width] = sizes as readonly [number, number];
  const wide = width === old[1] ? x : matmul(x, swapLast(shares(x, old[1]!, width, growth)));
  return height === old[0] ? wide : matmul(shares(x, old[0]!, height, growth), wide);
}

/** `fitMap` for one axis of places, the last: [B, C, L] to [B, C, length]. */
export function fitLength(x: Value, length: number): Value {
  if (x.shape[2] === length) return x;
  return reshape(fitMap(reshape(x, [...x.shape, 1]), [length, 1]), [...x.shape.slice(0, 2), length]);
}
