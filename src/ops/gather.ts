import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { type DType, type Shape, showType, type TensorType, tensor } from '../graph/type.ts';
import { axisOf, constantNumbers, type NodeReader, type Op, op, Unreadable } from './define.ts';
import { padAxis, sizeAt, zeros } from './movement.ts';
import { reshape, transpose } from './shape.ts';

type AxisAttrs = { readonly axis: number };

/** Slices of `x` along an axis at the places an integer tensor names; its shape replaces the axis. */
export const Gather: Op<AxisAttrs> = op<AxisAttrs>({
  onnx: 'Gather',
  attributes: { axis: ['int', 0] },
  infer: ([x, at], { axis }) => ({ dtype: x!.dtype, shape: x!.shape.toSpliced(axis, 1, ...at!.shape) }),
  vjp: (g, { inputs: [x, at], attrs: { axis } }) => [putBack(g, x!, at!, axis), null],
  read: (r) => gather(r.input(0), r.input(1), r.int('axis', 0)),
});
/** Rows (or slices along another axis) of `x` by index: an embedding lookup, for one. Indices may be negative. */
export const gather = (x: Value, at: Value, axis = 0): Value => Gather([x, at], { axis: axisOf(axis, x.rank, 'Gather') });

/** The one slice at a place, without its axis. */
export const pick = (x: Value, place: number, axis = 0): Value => gather(x, x.graph.constant(tensor('int64', [], [place])), axis);

/** Adds slices up where they were taken from. ScatterND is far ahead of ScatterElements on the CPU, so the axis goes first. */
function putBack(g: Value, x: Value, at: Value, axis: number): Value {
  const rank = at.rank;
  const constant = constantNumbers(at);
  if (constant?.length === 1) {
    const size = sizeAt(x, axis, 'Gather');
    const place = constant[0]! < 0 ? constant[0]! + size : constant[0]!;
    return padAxis(reshape(g, x.shape.with(axis, 1)), axis, place, size - 1 - place);
  }
  const between = Array.from({ length: rank }, (_, i) => axis + i);
  const rest = g.shape.flatMap((_, i) => (between.includes(i) ? [] : [i]));
  const rows = transpose(g, [...between, ...rest]);
  const forward = [axis, ...x.shape.flatMap((_, i) => (i === axis ? [] : [i]))];
  const target: TensorType = { dtype: x.dtype, shape: forward.map((i) => x.shape[i]!) };
  const sums = scatterNd(zeros(g.graph, target), reshape(at, [...at.shape, 1]), rows, 'add');
  return transpose(
    sums,
    forward.map((_, i) => forward.indexOf(i)),
  );
}

/** One element of `x` per element of an index tensor of the same rank: along `axis` at that index, elsewhere in place. */
export const GatherElements: Op<AxisAttrs> = op<AxisAttrs>({
  onnx: 'GatherElements',
  attributes: { axis: ['int', 0] },
  infer: ([x, at]) => ({ dtype: x!.dtype, shape: at!.shape }),
  vjp: (g, { inputs: [x, at], attrs: { axis } }) => [scatterElements(zeros(g.graph, x!.type), at!, g, axis, 'add'), null],
  read: (r) => gatherElements(r.input(0), r.input(1), r.int('axis', 0)),
});
export const gatherElements = (x: Value, at: Value, axis: number): Value =>
  GatherElements([x, at], { axis: axisOf(axis, x.rank, 'GatherElements') });

type Batched = { readonly batch_dims: number };

/** Elements or slices of `x` at coordinates: the last axis of `at` holds one index per leading axis of `x`. */
export const GatherND: Op<Batched> = op<Batched>({
  onnx: 'GatherND',
  attributes: { batch_dims: ['int', 0] },
  infer: ([x, at], { batch_dims: b }) => ({
    dtype: x!.dtype,
    shape: [...at!.shape.slice(0, -1), ...x!.shape.slice(b + sizeAt(at!, at!.rank - 1, 'GatherND'))],
  }),
  vjp: (g, { inputs: [x, at], attrs: { batch_dims: b } }) => {
    if (b > 0) throw new GraphError('not-differentiable', `GatherND: no gradient with batch_dims ${b}; use GatherElements`);
    return [scatterNd(zeros(g.graph, x!.type), at!, g, 'add'), null];
  },
  read: (r) => GatherND([r.input(0), r.input(1)], { batch_dims: r.int('batch_dims', 0) }),
});
/** Elements or slices of `x` at coordinates [.., k]: an index for each of the first k axes. */
export const gatherNd = (x: Value, at: Value): Value => GatherND([x, at], { batch_dims: 0 });

/** What happens to the element that is there already. */
type Reduction = 'none' | 'add';
const reductionOf = (r: NodeReader): Reduction => {
  const reduction = r.string('reduction', 'none');
  if (reduction !== 'none' && reduction !== 'add') throw new Unreadable(`reduction '${reduction}' has no derivative here`);
  return reduction;
};

type ScatterNdAttrs = { readonly reduction: Reduction };

/** A copy of the data with updates written, or added, at coordinates. Repeated coordinates are allowed with 'add' only. */
export const ScatterND: Op<ScatterNdAttrs> = op<ScatterNdAttrs>({
  onnx: 'ScatterND',
  attributes: { reduction: ['string', 'none'] },
  infer: ([x, at, updates]) => {
    const k = sizeAt(at!, at!.rank - 1, 'ScatterND');
    const wanted: Shape = [...at!.shape.slice(0, -1), ...x!.shape.slice(k)];
    if (updates!.rank !== wanted.length || wanted.some((d, i) => d !== updates!.shape[i])) {
      throw new GraphError('shape-mismatch', `ScatterND: updates ${showType(updates!.type)} for slices [${wanted.join(',')}]`);
    }
    return x!.type;
  },
  vjp: (g, { inputs: [, at, updates], attrs: { reduction } }) => [
    reduction === 'add' ? g : scatterNd(g, at!, zeros(g.graph, updates!.type), 'none'),
    null,
    gatherNd(g, at!),
  ],
  read: (r) => scatterNd(r.input(0), r.input(1), r.input(2), reductionOf(r)),
});
export const scatterNd = (x: Value, at: Value, updates: Value, reduction: Reduction = 'none'): Value =>
  ScatterND([x, at, updates], { reduction });

type ScatterAttrs = AxisAttrs & ScatterNdAttrs;

/** A copy of the data with one update per element of the index, along an axis. */
export const ScatterElements: Op<ScatterAttrs> = op<ScatterAttrs>({
  onnx: 'ScatterElements',
  attributes: { axis: ['int', 0], reduction: ['string', 'none'] },
  infer: ([x]) => x!.type,
  vjp: (g, { inputs: [, at, updates], attrs: { axis, reduction } }) => [
    reduction === 'add' ? g : scatterElements(g, at!, zeros(g.graph, updates!.type), axis),
    null,
    gatherElements(g, at!, axis),
  ],
  read: (r) => scatterElements(r.input(0), r.input(1), r.input(2), r.int('axis', 0), reductionOf(r)),
});
export const scatterElements = (x: Value, at: Value, updates: Value, axis: number, reduction: Reduction = 'none'): Value =>
  ScatterElements([x, at, updates], { axis: axisOf(axis, x.rank, 'ScatterElements'), reduction });

type ArgAttrs = AxisAttrs & { readonly keepdims: number; readonly select_last_index: number };

const extreme = (onnx: string): Op<ArgAttrs> => {
  const made: Op<ArgAttrs> = op<ArgAttrs>({
    onnx,
    attributes: { axis: ['int', 0], keepdims: ['int', 1], select_last_index: ['int', 0] },
    infer: ([x], { axis, keepdims }) => ({
      dtype: 'int64',
      shape: keepdims ? x!.shape.with(axis, 1) : x!.shape.toSpliced(axis, 1),
    }),
    vjp: { stops: 'an index carries no gradient' },
    read: (r) =>
      made([r.input(0)], {
        axis: axisOf(r.int('axis', 0), r.input(0).rank, onnx),
        keepdims: r.int('keepdims', 1),
        select_last_index: r.int('select_last_index', 0),
      }),
  });
  return made;
};
export const ArgMax: Op<ArgAttrs> = extreme('ArgMax');
export const ArgMin: Op<ArgAttrs> = extreme('ArgMin');
/** Index of the largest element along an axis (the first of equals); int64. */
export const argMax = (x: Value, axis = -1, keepdims = false): Value =>
  ArgMax([x], { axis: axisOf(axis, x.rank, 'ArgMax'), keepdims: Number(keepdims), select_last_index: 0 });

type TopKAttrs = AxisAttrs & { readonly k: number; readonly largest: number; readonly sorted: number };

/** The k largest (or smallest) elements along an axis, and their indices. */
export const TopK: Op<TopKAttrs> = op<TopKAttrs>({
  onnx: 'TopK',
  infer: ([x], { axis, k }) => {
    const shape = x!.shape.with(axis, k);
    return [
      { dtype: x!.dtype, shape },
      { dtype: 'int64' satisfies DType, shape },
    ];
  },
  vjp: (g, { inputs: [x], outputs: [, at], attrs: { axis } }) => [scatterElements(zeros(g.graph, x!.type), at!, g, axis, 'add')],
  emit: (e, [x], { attrs }, outputs) =>
    e.node(
      'TopK',
      [x!, e.constant(tensor('int64', [1], [attrs.k as number]))],
      {
        axis: { kind: 'int', value: attrs.axis as number },
        largest: { kind: 'int', value: attrs.largest as number },
        sorted: { kind: 'int', value: attrs.sorted as number },
      },
      outputs,
    ),
  read: (r) =>
    TopK.all([r.input(0)], {
      axis: axisOf(r.int('axis', -1), r.input(0).rank, 'TopK'),
      k: r.has('k') ? r.int('k') : r.numbers(1)[0]!,
      largest: r.int('largest', 1),
      sorted: r.int('sorted', 1),
    }),
});
/** The k largest elements along an axis in falling order, with their places (int64). */
export const topK = (x: Value, k: number, axis = -1): { readonly values: Value; readonly indices: Value } => {
  const [values, indices] = TopK.all([x], { axis: axisOf(axis, x.rank, 'TopK'), k, largest: 1, sorted: 1 });
  return { values: values!, indices: indices! };
};

/** Every entry of this file. */
export const gatherOps: readonly Op[] = [
  ...[Gather as Op, GatherElements as Op, GatherND as Op, ScatterND as Op, ScatterElements as Op],
  ...[ArgMax as Op, ArgMin as Op, TopK as Op],
];
