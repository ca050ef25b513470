import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { type Dim, type Shape, showType, tensor } from '../graph/type.ts';
import { axisOf, int64s, type NodeReader, type Op, op, Unreadable } from './define.ts';
import { concat, flip, sizeAt, slice } from './movement.ts';
import { expand } from './shape.ts';

type PadAttrs = { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number };

/** A constant around every axis; negative amounts crop. */
export const Pad: Op<PadAttrs> = op<PadAttrs>({
  onnx: 'Pad',
  infer: ([x], { before, after }) => ({
    dtype: x!.dtype,
    shape: x!.shape.map((d, i): Dim => {
      const more = before[i]! + after[i]!;
      return more === 0 ? d : sizeAt(x!, i, 'Pad') + more;
    }),
  }),
  vjp: (g, { attrs: { before, after } }) => [pad(g, before.map(negated), after.map(negated))],
  emit: (e, [x], { inputs: [v], attrs }, outputs) => {
    const { before, after, value } = attrs as PadAttrs;
    e.node('Pad', [x!, e.constant(int64s([...before, ...after])), e.constant(tensor(v!.dtype, [], [value]))], {}, outputs);
  },
  read: (r) => readPad(r),
});
const negated = (n: number): number => (n === 0 ? 0 : -n);

/** `value` around every axis; `before` and `after` hold one amount per axis, negative ones crop. */
export const pad = (x: Value, before: readonly number[], after: readonly number[], value = 0): Value => {
  if (before.length !== x.rank || after.length !== x.rank) {
    throw new GraphError('bad-attribute', `Pad: amounts for ${before.length} and ${after.length} axes of ${showType(x.type)}`);
  }
  return before.every((n, i) => n === 0 && after[i] === 0) ? x : Pad([x], { before, after, value });
};

type Border = (x: Value, axis: number, n: number, end: boolean) => Value;

const edge: Border = (x, axis, n, end) => {
  const at = end ? sizeAt(x, axis, 'Pad') - 1 : 0;
  const shape: Shape = x.shape.with(axis, n);
  return expand(slice(x, [at], [at + 1], [axis]), shape);
};
/** The border itself is not repeated. */
const reflect: Border = (x, axis, n, end) => {
  const size = sizeAt(x, axis, 'Pad');
  return flip(slice(x, [end ? size - 1 - n : 1], [end ? size - 1 : n + 1], [axis]), [axis]);
};
const wrap: Border = (x, axis, n, end) => {
  const size = sizeAt(x, axis, 'Pad');
  return slice(x, [end ? 0 : size - n], [end ? n : size], [axis]);
};
const borders: Readonly<Record<string, Border>> = { edge, reflect, wrap };

/** Padding with elements of the value itself, joined from slices so that gradients fold back. */
export function padWith(mode: 'edge' | 'reflect' | 'wrap', x: Value, before: readonly number[], after: readonly number[]): Value {
  const border = borders[mode]!;
  return before.reduce((padded, b, axis) => {
    const a = after[axis]!;
    const parts = [...(b > 0 ? [border(padded, axis, b, false)] : []), padded, ...(a > 0 ? [border(padded, axis, a, true)] : [])];
    return slice(concat(parts, axis), [Math.max(-b, 0)], [a < 0 ? a : 2 ** 31], [axis]);
  }, x);
}

function readPad(r: NodeReader): Value {
  const x = r.input(0);
  const old = r.opset < 11;
  const amounts = old ? r.ints('pads') : r.numbers(1);
  const some = old
    ? x.shape.map((_, i) => i)
    : r.numbers(
        3,
        x.shape.map((_, i) => i),
      );
  const axes = some.map((a) => axisOf(a, x.rank, 'Pad'));
  const amountsOf = (from: number): readonly number[] =>
    x.shape.map((_, i) => (axes.includes(i) ? amounts[from + axes.indexOf(i)]! : 0));
  const [before, after] = [amountsOf(0), amountsOf(axes.length)];
  const mode = r.string('mode', 'constant');
  if (mode === 'constant') return pad(x, before, after, old ? r.float('value', 0) : (r.numbers(2, [0])[0] ?? 0));
  if (mode !== 'edge' && mode !== 'reflect' && mode !== 'wrap') throw new Unreadable(`mode '${mode}' is not known`);
  return padWith(mode, x, before, after);
}

/** Every entry of this file. */
export const padOps: readonly Op[] = [Pad as Op];
