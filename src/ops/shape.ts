import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { type Dim, type Shape, sameShape, showShape, showType } from '../graph/type.ts';
import { axisOf, type Import, int64s, type Op, op, Unreadable } from './define.ts';

/** Product of the known sizes and the names that remain. */
const volume = (shape: Shape): { readonly size: number; readonly names: string } => ({
  size: shape.reduce<number>((n, d) => (typeof d === 'number' ? n * d : n), 1),
  names: shape
    .filter((d) => typeof d === 'string')
    .sort()
    .join('·'),
});

/** Same elements in a new shape. A named dimension may move but must survive; at most one name is inferred at run time. */
export const Reshape: Op<{ shape: Shape }> = op<{ shape: Shape }>({
  onnx: 'Reshape',
  infer: ([x], { shape }) => {
    const from = volume(x!.shape);
    const to = volume(shape);
    if (from.size !== to.size || from.names !== to.names) {
      throw new GraphError('shape-mismatch', `Reshape: ${showType(x!.type)} has other elements than ${showShape(shape)}`);
    }
    return { dtype: x!.dtype, shape };
  },
  vjp: (g, { inputs: [x] }) => [reshape(g, x!.shape)],
  emit: (e, [x], node, outputs) => {
    const shape = node.attrs.shape as Shape;
    const from = node.inputs[0]!.shape;
    // 0 copies the size at the same position, -1 infers one.
    const sizes = shape.map((d, i) => (typeof d === 'number' ? d : d === from[i] ? 0 : -1));
    if (sizes.filter((d) => d === -1).length > 1) {
      throw new GraphError('shape-mismatch', `Reshape: ${showShape(from)} to ${showShape(shape)} leaves more than one size open`);
    }
    e.node('Reshape', [x!, e.constant(int64s(sizes))], {}, outputs);
  },
  read: (r) => {
    const x = r.input(0);
    // A shape that is computed from open sizes: what came of it says the same.
    const named = r.result?.shape.some((d) => typeof d === 'string') ? r.result.shape : undefined;
    if (named && isWritable(x.shape, named)) return reshape(x, named);
    const wanted = r.opset < 5 ? r.ints('shape') : r.numbers(1);
    const zero = r.int('allowzero', 0) === 1;
    return reshape(
      x,
      resolve(
        x.shape,
        wanted.map((d, i): Dim => (d === 0 && !zero ? x.shape[i]! : d)),
        r.onnx,
      ),
    );
  },
});

/** Whether one shape can be written as a change of another: the same elements, and at most one size left for the engine to infer. */
function isWritable(from: Shape, to: Shape): boolean {
  const [a, b] = [volume(from), volume(to)];
  const inferred = to.filter((d, i) => typeof d === 'string' && d !== from[i]).length;
  return a.size === b.size && a.names === b.names && inferred <= 1;
}

/** Fills in the one size given as -1. */
function resolve(from: Shape, wanted: Shape, where: string): Shape {
  const open = wanted.indexOf(-1);
  if (open < 0) return wanted;
  const rest = wanted.filter((_, i) => i !== open);
  const a = volume(from);
  const b = volume(rest);
  const names = from.filter((d) => typeof d === 'string' && !rest.includes(d));
  if (names.length === 0 && a.size % b.size === 0) return wanted.with(open, a.size / b.size);
  if (names.length === 1 && a.size === b.size) return wanted.with(open, names[0]!);
  throw new GraphError('shape-mismatch', `${where}: ${showShape(from)} does not divide into ${showShape(wanted)}`);
}

/** Same elements in a new shape; one size may be -1. */
export const reshape = (x: Value, shape: Shape): Value => {
  const to = resolve(x.shape, shape, 'Reshape');
  return sameShape(x.shape, to) ? x : Reshape([x], { shape: to });
};

/** Drops axes of size 1. */
export const squeeze = (x: Value, axes: readonly number[]): Value => {
  const at = axes.map((a) => axisOf(a, x.rank, 'Squeeze'));
  for (const a of at)
    if (x.shape[a] !== 1) throw new GraphError('shape-mismatch', `Squeeze: axis ${a} of ${showType(x.type)} is not 1`);
  return reshape(
    x,
    x.shape.filter((_, i) => !at.includes(i)),
  );
};

/** Inserts axes of size 1 at positions of the result. */
export const unsqueeze = (x: Value, axes: readonly number[]): Value => {
  const rank = x.rank + axes.length;
  const at = axes.map((a) => axisOf(a, rank, 'Unsqueeze')).sort((p, q) => p - q);
  const shape: Dim[] = [...x.shape];
  for (const a of at) shape.splice(a, 0, 1);
  return reshape(x, shape);
};

/** [d0·…, d_axis·…]: everything before and after an axis, as a matrix. */
export const flatten = (x: Value, axis = 1): Value => {
  const a = axis < 0 ? axis + x.rank : axis;
  const before = x.shape.slice(0, a);
  if (before.length === 1) return reshape(x, [before[0]!, -1]);
  const first = before.every((d) => typeof d === 'number') ? before.reduce((p, d) => p * (d as number), 1) : -1;
  return first === -1 ? reshape(x, [-1, product(x.shape.slice(a))]) : reshape(x, [first, -1]);
};
const product = (shape: Shape): number => {
  const { size, names } = volume(shape);
  if (names) throw new GraphError('shape-mismatch', `Flatten: the size of ${showShape(shape)} is not known`);
  return size;
};

/** Repeats along axes of size 1; the rule leaves the cotangent as it is, `grad` sums it back. */
export const Expand: Op<{ shape: Shape }> = op<{ shape: Shape }>({
  onnx: 'Expand',
  broadcasts: true,
  lazy: true,
  infer: ([x], { shape }) => ({ dtype: x!.dtype, shape }),
  vjp: (g) => [g],
  emit: (e, [x], node, outputs) => {
    const sizes = (node.attrs.shape as Shape).map((d, i, all) => {
      if (typeof d === 'number') return d;
      const from = node.inputs[0]!.shape;
      if (from[from.length - all.length + i] !== d)
        throw new GraphError('shape-mismatch', `Expand: the size '${d}' is not known`);
      return 1;
    });
    e.node('Expand', [x!, e.constant(int64s(sizes))], {}, outputs);
  },
  read: (r) => {
    const x = r.input(0);
    const wanted = r.numbers(1);
    const rank = Math.max(x.rank, wanted.length);
    return expand(
      x,
      Array.from({ length: rank }, (_, i): Dim => {
        const d = wanted[wanted.length - rank + i] ?? 1;
        const own = x.shape[x.rank - rank + i] ?? 1;
        return d === 1 ? own : d;
      }),
    );
  },
});
export const expand = (x: Value, shape: Shape): Value => (sameShape(x.shape, shape) ? x : Expand([x], { shape }));

/** Reorders axes: axis i of the result is axis perm[i] of the input. */
export const Transpose: Op<{ perm: readonly number[] }> = op<{ perm: readonly number[] }>({
  onnx: 'Transpose',
  attributes: { perm: ['ints'] },
  lazy: true,
  infer: ([x], { perm }) => {
    if (perm.length !== x!.rank || new Set(perm).size !== perm.length) {
      throw new GraphError('bad-attribute', `Transpose: perm [${perm.join(',')}] of ${showType(x!.type)}`);
    }
    return { dtype: x!.dtype, shape: perm.map((i) => x!.shape[axisOf(i, x!.rank, 'Transpose')]!) };
  },
  vjp: (g, { attrs: { perm } }) => [
    transpose(
      g,
      perm.map((_, i) => perm.indexOf(i)),
    ),
  ],
  read: (r) =>
    transpose(
      r.input(0),
      r.ints(
        'perm',
        r.input(0).shape.map((_, i, all) => all.length - 1 - i),
      ),
    ),
});
export const transpose = (x: Value, perm: readonly number[]): Value =>
  perm.every((p, i) => p === i) ? x : Transpose([x], { perm });

/** The last two axes exchanged. */
export const swapLast = (x: Value): Value => transpose(x, [...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2]);

/** Operators that only rename a shape. */
export const shapeImports: readonly Import[] = [
  { onnx: 'Flatten', domain: '', read: (r) => flatten(r.input(0), r.int('axis', 1)) },
  {
    onnx: 'Squeeze',
    domain: '',
    read: (r) => {
      const x = r.input(0);
      const ones = x.shape.flatMap((d, i) => (d === 1 ? [i] : []));
      return squeeze(x, r.has('axes') ? r.ints('axes') : r.numbers(1, ones));
    },
  },
  {
    onnx: 'Unsqueeze',
    domain: '',
    read: (r) => unsqueeze(r.input(0), r.has('axes') ? r.ints('axes') : r.numbers(1)),
  },
  {
    onnx: 'Shape',
    domain: '',
    read: (r) => {
      const shape = r.input(0).shape.slice(r.int('start', 0), r.has('end') ? r.int('end') : undefined);
      if (!shape.every((d) => typeof d === 'number')) throw new Unreadable(`the shape ${showShape(shape)} is not known`);
      return r.graph.constant(int64s(shape as number[]));
    },
  },
];

/** Every entry of this file. */
export const shapeOps: readonly Op[] = [Reshape as Op, Expand as Op, Transpose as Op];
