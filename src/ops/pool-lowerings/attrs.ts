import type { Value } from '../../graph/graph.ts';
import type { Lowering } from '../define.ts';
import { type WindowAttrs, windowViews } from '../window.ts';

/** `ceil_mode` 1 lets the last window hang over the end. */
export type PoolAttrs = WindowAttrs & { readonly kernel_shape: readonly number[]; readonly ceil_mode: number };

export type AverageAttrs = PoolAttrs & { readonly count_include_pad: number };

/** `shape` of the pooled input, which the output does not tell. */
export type AverageGradAttrs = AverageAttrs & { readonly shape: readonly number[] };

export type PoolLowering = Lowering<PoolAttrs>;

/** Below every number that a network computes, and still finite. */
const lowest = -3e38;

/** What each position of the kernel sees of x, −∞ beyond the border. */
export const maxViews = (x: Value, attrs: PoolAttrs, counts: readonly number[]): readonly Value[] =>
  windowViews(x, attrs.kernel_shape, attrs, counts, lowest);
