import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { type Shape, showType } from '../graph/type.ts';
import { type NodeReader, Unreadable } from './define.ts';
import { sizeAt, slice } from './movement.ts';
import { pad } from './pad.ts';

/** How a window moves over the spatial axes (those after batch and channel); `pads` holds all beginnings, then all ends. */
export type WindowAttrs = {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
};

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

/** How people write a window: `padding` is one number, one per axis, or all beginnings and then all ends. */
export interface WindowOptions {
  readonly stride?: PerAxis;
  readonly padding?: PerAxis;
  readonly dilation?: PerAxis;
}

export const perAxis = (n: PerAxis, rank: number): readonly number[] =>
  typeof n === 'number' ? Array.from({ length: rank }, () => n) : n;

export function windowAttrs({ stride = 1, padding = 0, dilation = 1 }: WindowOptions, rank: number): WindowAttrs {
  const sides = perAxis(padding, rank);
  return {
    strides: perAxis(stride, rank),
    pads: sides.length === rank ? [...sides, ...sides] : sides,
    dilations: perAxis(dilation, rank),
  };
}

/** Sizes of the spatial axes, as numbers. */
export const spatialSizes = (x: Value, where: string): readonly number[] =>
  x.shape.slice(2).map((_, i) => sizeAt(x, i + 2, where));

/** Cells that a kernel covers along each axis, holes included. */
export const reach = (kernel: readonly number[], { dilations }: Pick<WindowAttrs, 'dilations'>): readonly number[] =>
  kernel.map((k, i) => (k - 1) * dilations[i]! + 1);

/** How often the window fits. */
export function windowCounts(
  x: Value,
  kernel: readonly number[],
  attrs: WindowAttrs,
  where: string,
  round = Math.floor,
): readonly number[] {
  const rank = kernel.length;
  if (x.rank !== rank + 2 || attrs.pads.length !== 2 * rank || attrs.strides.length !== rank) {
    throw new GraphError('shape-mismatch', `${where}: a window of ${rank} axes over ${showType(x.type)}`);
  }
  const covered = reach(kernel, attrs);
  return spatialSizes(x, where).map((size, i) => {
    const room = size + attrs.pads[i]! + attrs.pads[i + rank]! - covered[i]!;
    if (room < 0) {
      throw new GraphError('shape-mismatch', `${where}: a window of ${covered.join('×')} does not fit into ${showType(x.type)}`);
    }
    return round(room / attrs.strides[i]!) + 1;
  });
}

/** Sizes that a window leaves. One that is only a name stays, where the window goes by ones and the padding makes up for its reach. */
export function windowShape(x: Value, kernel: readonly number[], attrs: WindowAttrs, where: string): Shape {
  const spare = reach(kernel, attrs).map((covered, i) => attrs.pads[i]! + attrs.pads[i + kernel.length]! - covered);
  const stays = x.shape.slice(2).every((d, i) => typeof d === 'number' || (attrs.strides[i] === 1 && spare[i] === -1));
  const open = x.shape.slice(2).some((d) => typeof d === 'string');
  if (!open || !stays || x.rank !== kernel.length + 2) return windowCounts(x, kernel, attrs, where);
  return x.shape.slice(2).map((d, i) => (typeof d === 'string' ? d : Math.floor((d + spare[i]!) / attrs.strides[i]!) + 1));
}

/** Window attributes of an imported node, with automatic padding worked out for this input. */
export function readWindow(r: NodeReader, kernel: readonly number[]): WindowAttrs {
  const rank = kernel.length;
  const ones = kernel.map(() => 1);
  const strides = r.ints('strides', ones);
  const dilations = r.ints('dilations', ones);
  const explicit = r.ints('pads', [...ones, ...ones].map(() => 0)); // biome-ignore format: one call
  const auto = r.string('auto_pad', 'NOTSET');
  if (auto === 'NOTSET' || auto === '') return { strides, dilations, pads: explicit };
  if (auto === 'VALID') return { strides, dilations, pads: explicit.map(() => 0) };
  if (auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER') throw new Unreadable(`auto_pad '${auto}' is not known`);
  const covered = reach(kernel, { dilations });
  const totals = spatialSizes(r.input(0), r.onnx).map((size, i) => {
    const count = Math.ceil(size / strides[i]!);
    return Math.max(0, (count - 1) * strides[i]! + covered[i]! - size);
  });
  const less = totals.map((t) => Math.floor(t / 2));
  const more = totals.map((t, i) => t - less[i]!);
  const pads = auto === 'SAME_UPPER' ? [...less, ...more] : [...more, ...less];
  return { strides, dilations, pads: pads.slice(0, 2 * rank) };
}

/** All positions in a kernel, last axis fastest. */
export const positions = (kernel: readonly number[]): readonly (readonly number[])[] =>
  kernel.reduce<readonly (readonly number[])[]>(
    (list, k) => list.flatMap((at) => Array.from({ length: k }, (_, i) => [...at, i])),
    [[]],
  );

/** What each kernel position sees: one value [N, C, ...counts] per position, last axis fastest. Beyond the border lies `fill`. */
export function windowViews(
  x: Value,
  kernel: readonly number[],
  { strides, pads, dilations }: WindowAttrs,
  counts: readonly number[],
  fill = 0,
): readonly Value[] {
  const covered = reach(kernel, { dilations });
  const sizes = spatialSizes(x, 'window');
  const before = sizes.map((_, i) => pads[i]!);
  const after = sizes.map((size, i) => (counts[i]! - 1) * strides[i]! + covered[i]! - size - before[i]!);
  const padded = pad(x, [0, 0, ...before], [0, 0, ...after], fill);
  const axes = sizes.map((_, i) => i + 2);
  return positions(kernel).map((at) => {
    const starts = at.map((p, i) => p * dilations[i]!);
    const ends = starts.map((start, i) => start + (counts[i]! - 1) * strides[i]! + 1);
    return slice(padded, starts, ends, axes, strides);
  });
}
