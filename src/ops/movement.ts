import { GraphError } from '../graph/error.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { type Dim, showType, type TensorType, tensor } from '../graph/type.ts';
import { axisOf, constantNumbers, filled, type Import, int64s, type Op, op, Unreadable } from './define.ts';
import { expand, reshape } from './shape.ts';

/** The size of an axis as a number; throws if it is only a name. */
export function sizeAt(x: Value, axis: number, where: string): number {
  const d = x.shape[axis];
  if (typeof d !== 'number') throw new GraphError('shape-mismatch', `${where}: axis ${axis} of ${showType(x.type)} has no size`);
  return d;
}

/** Zeros of a type, kept small in the file. */
export const zeros = (graph: Graph, type: TensorType): Value => {
  const size = type.shape.reduce<number>((n, d) => n * (d as number), 1);
  return size <= 256 ? filled(graph, type, 0) : expand(graph.scalar(0, type.dtype), type.shape);
};

type ConcatAttrs = { readonly axis: number };

/** Joins values along an axis, counted from the front. */
export const Concat: Op<ConcatAttrs> = op<ConcatAttrs>({
  onnx: 'Concat',
  attributes: { axis: ['int'] },
  infer: (inputs, { axis }) => {
    const first = inputs[0]!;
    for (const v of inputs) {
      if (v.rank !== first.rank || v.dtype !== first.dtype || v.shape.some((d, i) => i !== axis && d !== first.shape[i])) {
        throw new GraphError('shape-mismatch', `Concat on axis ${axis}: ${inputs.map((x) => showType(x.type)).join(' and ')}`);
      }
    }
    const size = inputs.length === 1 ? first.shape[axis]! : inputs.reduce((n, v) => n + sizeAt(v, axis, 'Concat'), 0);
    return { dtype: first.dtype, shape: first.shape.with(axis, size) };
  },
  vjp: (g, { inputs, attrs: { axis } }) =>
    split(
      g,
      inputs.map((x) => sizeAt(x, axis, 'Concat')),
      axis,
    ),
  read: (r) =>
    concat(
      r.inputs.map((_, i) => r.input(i)),
      r.int('axis', 1),
    ),
});
/** Joins values along an axis (the first unless told). */
export const concat = (parts: readonly Value[], axis = 0): Value =>
  parts.length === 1 ? parts[0]! : Concat(parts, { axis: axisOf(axis, parts[0]!.rank, 'Concat') });

type SplitAttrs = { readonly axis: number; readonly sizes: readonly number[] };

/** Cuts a value into consecutive parts of given sizes. */
export const Split: Op<SplitAttrs> = op<SplitAttrs>({
  onnx: 'Split',
  infer: ([x], { axis, sizes }) => {
    if (sizeAt(x!, axis, 'Split') !== sizes.reduce((a, b) => a + b, 0)) {
      throw new GraphError('shape-mismatch', `Split: axis ${axis} of ${showType(x!.type)} is not ${sizes.join(' + ')}`);
    }
    return sizes.map((size) => ({ dtype: x!.dtype, shape: x!.shape.with(axis, size) }));
  },
  vjp: (_, { outputs, grads, attrs: { axis } }) => [
    concat(
      outputs.map((y, i) => grads[i] ?? zeros(y.graph, y.type)),
      axis,
    ),
  ],
  emit: (e, [x], { attrs }, outputs) =>
    e.node(
      'Split',
      [x!, e.constant(int64s(attrs.sizes as number[]))],
      { axis: { kind: 'int', value: attrs.axis as number } },
      outputs,
    ),
  read: (r) => {
    const x = r.input(0);
    const axis = axisOf(r.int('axis', 0), x.rank, 'Split');
    const equal = Math.ceil(sizeAt(x, axis, 'Split') / r.outputs);
    const rest = sizeAt(x, axis, 'Split') - equal * (r.outputs - 1);
    const even = Array.from({ length: r.outputs }, (_, i) => (i === r.outputs - 1 ? rest : equal));
    return split(x, r.has('split') ? r.ints('split') : r.numbers(1, even), axis);
  },
});
/** Consecutive parts along an axis, of the sizes given. */
export const split = (x: Value, sizes: readonly number[], axis = 0): readonly Value[] =>
  sizes.length === 1 ? [x] : Split.all([x], { axis: axisOf(axis, x.rank, 'Split'), sizes });

/** Along each of `axes`: `sizes` elements from `starts` on, `steps` apart (backwards if negative). */
type SliceAttrs = {
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly steps: readonly number[];
  readonly sizes: readonly number[];
};

const beforeEverything = -(2 ** 31);

/** Regularly spaced elements along some axes. */
export const Slice: Op<SliceAttrs> = op<SliceAttrs>({
  onnx: 'Slice',
  infer: ([x], { axes, sizes }) => ({
    dtype: x!.dtype,
    shape: x!.shape.map((d, i) => (axes.includes(i) ? sizes[axes.indexOf(i)]! : d)),
  }),
  vjp: (g, { inputs: [x], attrs: { axes, starts, steps } }) => [
    axes.reduce((part, axis, i) => spread(part, axis, starts[i]!, steps[i]!, sizeAt(x!, axis, 'Slice')), g),
  ],
  emit: (e, [x], { attrs }, outputs) => {
    const { axes, starts, steps, sizes } = attrs as SliceAttrs;
    const ends = starts.map((start, i) => {
      const end = start + steps[i]! * sizes[i]!;
      return end < 0 ? beforeEverything : end;
    });
    e.node('Slice', [x!, ...[starts, ends, axes, steps].map((list) => e.constant(int64s(list)))], {}, outputs);
  },
  read: (r) => {
    const x = r.input(0);
    const old = r.has('starts');
    const starts = old ? r.ints('starts') : r.numbers(1);
    const ends = old ? r.ints('ends') : r.numbers(2);
    const inOrder = starts.map((_, i) => i);
    const axes = old ? r.ints('axes', inOrder) : r.numbers(3, inOrder);
    return slice(
      x,
      starts,
      ends,
      axes,
      old
        ? undefined
        : r.numbers(
            4,
            starts.map(() => 1),
          ),
    );
  },
});

/** Undoes a slice of one axis: elements go back to where they came from, zeros between. */
function spread(g: Value, axis: number, start: number, step: number, size: number): Value {
  if (step < 0) {
    const n = sizeAt(g, axis, 'Slice');
    return spread(flip(g, [axis]), axis, start + step * (n - 1), -step, size);
  }
  const part = insertZeros(g, axis, step - 1);
  return padAxis(part, axis, start, size - start - sizeAt(part, axis, 'Slice'));
}

/** `count` zeros between neighbours along an axis; none after the last. */
export function insertZeros(x: Value, axis: number, count: number): Value {
  const n = sizeAt(x, axis, 'Slice');
  if (count === 0 || n < 2) return x;
  const spaced = reshape(x, x.shape.toSpliced(axis + 1, 0, 1));
  const gap = zeros(x.graph, { dtype: x.dtype, shape: spaced.shape.with(axis + 1, count) });
  const all = reshape(concat([spaced, gap], axis + 1), x.shape.with(axis, n * (count + 1)));
  return slice(all, [0], [n * (count + 1) - count], [axis]);
}

/** Zeros before and after, along one axis. Joining is threaded on the CPU, Pad is not. */
export const padAxis = (x: Value, axis: number, before: number, after: number): Value => {
  const gap = (n: number): readonly Value[] => (n > 0 ? [zeros(x.graph, { dtype: x.dtype, shape: x.shape.with(axis, n) })] : []);
  return concat([...gap(before), x, ...gap(after)], axis);
};

/** Elements from `starts` up to `ends` (both may count from the end, as in NumPy), `steps` apart. */
export function slice(
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] = starts.map((_, i) => i),
  steps: readonly number[] = starts.map(() => 1),
): Value {
  const cuts = axes.flatMap((given, i) => {
    const axis = axisOf(given, x.rank, 'Slice');
    const step = steps[i]!;
    const whole = step === 1 && starts[i] === 0 && ends[i]! >= 2 ** 31 - 1;
    if (whole) return [];
    const size = sizeAt(x, axis, 'Slice');
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const at = (p: number): number => Math.min(Math.max(p < 0 ? p + size : p, low), high);
    const start = at(starts[i]!);
    const count = Math.max(0, Math.ceil((at(ends[i]!) - start) / step));
    return start === 0 && step === 1 && count === size ? [] : [{ axis, start, step, count }];
  });
  if (cuts.length === 0) return x;
  return Slice([x], {
    axes: cuts.map((c) => c.axis),
    starts: cuts.map((c) => c.start),
    steps: cuts.map((c) => c.step),
    sizes: cuts.map((c) => c.count),
  });
}

/** Reverses axes. */
export const flip = (x: Value, axes: readonly number[]): Value =>
  slice(
    x,
    axes.map(() => -1),
    axes.map(() => beforeEverything),
    axes,
    axes.map(() => -1),
  );

/** Repeats a value along each axis. */
export function tile(x: Value, repeats: readonly number[]): Value {
  const spaced = repeats.flatMap((_, i): readonly Dim[] => [1, x.shape[i]!]);
  const full = repeats.flatMap((n, i): readonly Dim[] => [n, x.shape[i]!]);
  return repeats.every((n) => n === 1)
    ? x
    : reshape(
        expand(reshape(x, spaced), full),
        repeats.map((n, i) => n * sizeAt(x, i, 'Tile')),
      );
}

type TriluAttrs = { readonly upper: number; readonly k: number };

/** The upper (or lower) triangle of the last two axes, zeros elsewhere; `k` moves the diagonal to the right. */
export const Trilu: Op<TriluAttrs> = op<TriluAttrs>({
  onnx: 'Trilu',
  infer: ([x]) => x!.type,
  vjp: (g, { attrs }) => [Trilu([g], attrs)],
  emit: (e, [x], { attrs }, outputs) =>
    e.node(
      'Trilu',
      [x!, e.constant(tensor('int64', [], [attrs.k as number]))],
      { upper: { kind: 'int', value: attrs.upper as number } },
      outputs,
    ),
  read: (r) => Trilu([r.input(0)], { upper: r.int('upper', 1), k: r.numbers(1, [0])[0] ?? 0 }),
});
/** Keeps the upper triangle of the last two axes, from the k-th diagonal on. */
export const triu = (x: Value, k = 0): Value => Trilu([x], { upper: 1, k });
/** Keeps the lower triangle of the last two axes, up to the k-th diagonal. */
export const tril = (x: Value, k = 0): Value => Trilu([x], { upper: 0, k });

type CumSumAttrs = { readonly axis: number; readonly exclusive: number; readonly reverse: number };

/** Running sums along an axis. */
export const CumSum: Op<CumSumAttrs> = op<CumSumAttrs>({
  onnx: 'CumSum',
  infer: ([x]) => x!.type,
  vjp: (g, { attrs }) => [CumSum([g], { ...attrs, reverse: 1 - attrs.reverse })],
  emit: (e, [x], { attrs }, outputs) =>
    e.node(
      'CumSum',
      [x!, e.constant(tensor('int64', [], [attrs.axis as number]))],
      {
        exclusive: { kind: 'int', value: attrs.exclusive as number },
        reverse: { kind: 'int', value: attrs.reverse as number },
      },
      outputs,
    ),
  read: (r) => {
    const [axis] = constantNumbers(r.input(1)) ?? [];
    if (axis === undefined) throw new Unreadable('the axis is computed');
    return cumSum(r.input(0), axis, { exclusive: r.int('exclusive', 0) === 1, reverse: r.int('reverse', 0) === 1 });
  },
});
/** Running sums along an axis; `exclusive` leaves out the element itself, `reverse` starts at the end. */
export const cumSum = (x: Value, axis: number, { exclusive = false, reverse = false } = {}): Value =>
  CumSum([x], { axis: axisOf(axis, x.rank, 'CumSum'), exclusive: Number(exclusive), reverse: Number(reverse) });

/** Every entry of this file. */
export const movementOps: readonly Op[] = [Concat as Op, Split as Op, Slice as Op, Trilu as Op, CumSum as Op];

export const movementImports: readonly Import[] = [{ onnx: 'Tile', domain: '', read: (r) => tile(r.input(0), r.numbers(1)) }];
