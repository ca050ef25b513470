import type { Value } from '../graph/graph.ts';
import { type Shape, sizeOf, type TensorType } from '../graph/type.ts';
import { BlockedGlobalAverage, fitsBlocks, toBlocked } from './blocked.ts';
import { axisOf, filled, type Import, int64s, type Lowering, type NodeReader, type Op, type OpSpec, op } from './define.ts';
import { abs, add, cast, div, equal, exp, log, mul, sqrt, sub } from './elementwise.ts';
import { matmul } from './linalg.ts';
import { reshape } from './shape.ts';

/** `keepdims` false drops the reduced axes. Axes are counted from the front. */
export type Reduction = { readonly axes: readonly number[]; readonly keepdims: boolean };

const reduced = (shape: Shape, { axes, keepdims }: Reduction): Shape =>
  keepdims ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i));

/** With the reduced axes back as 1, so that it broadcasts against the input. */
const kept = (g: Value, { axes, keepdims }: Reduction): Value => {
  if (keepdims) return g;
  const shape = [...g.shape];
  for (const a of [...axes].sort((p, q) => p - q)) shape.splice(a, 0, 1);
  return reshape(g, shape);
};

const axesOf = (r: NodeReader): Reduction | undefined => {
  const given = r.has('axes') ? r.ints('axes') : r.numbers(1, []);
  const rank = r.input(0).rank;
  if (given.length === 0 && r.int('noop_with_empty_axes', 0) === 1) return undefined;
  const axes = given.length === 0 ? r.input(0).shape.map((_, i) => i) : given.map((a) => axisOf(a, rank, r.onnx));
  return { axes, keepdims: r.int('keepdims', 1) === 1 };
};

const reduction = (
  onnx: string,
  vjp: OpSpec<Reduction>['vjp'],
  lowerings: readonly Lowering<Reduction>[] = [],
): Op<Reduction> => {
  const made: Op<Reduction> = op<Reduction>({
    onnx,
    lazy: true,
    infer: ([x], attrs): TensorType => ({ dtype: x!.dtype, shape: reduced(x!.shape, attrs) }),
    vjp,
    lowerings,
    // Axes are an input: since opset 13 for ReduceSum, 18 for the others.
    emit: (e, [x], { attrs }, outputs) =>
      e.node(
        onnx,
        [x!, e.constant(int64s(attrs.axes as number[]))],
        { keepdims: { kind: 'int', value: attrs.keepdims ? 1 : 0 } },
        outputs,
      ),
    read: (r) => {
      const attrs = axesOf(r);
      return attrs ? made([r.input(0)], attrs) : r.input(0);
    },
  });
  return made;
};

/** Number of elements that each output of the reduction sums over. */
const count = (x: Value, axes: readonly number[]): number => sizeOf(axes.map((a) => x.shape[a]!));

/** Ties share the gradient equally. */
const toExtremes: OpSpec<Reduction>['vjp'] = (g, { inputs: [x], outputs: [y], attrs }) => {
  const mask = cast(equal(x!, kept(y!, attrs)), g.dtype);
  const ties = reduceSum(mask, attrs.axes);
  return [mul(kept(g, attrs), div(mask, ties))];
};

/** Fewer rows are not worth two more nodes. */
const manyRows = 64;

/** Everything but the last axis at once, as for the gradient of a bias: threads share a product better than such a sum. */
const productWithOnes: Lowering<Reduction> = {
  name: 'product',
  settles: 'anywhere',
  applies: ({ inputs: [x], attrs: { axes } }, { provider }) => {
    const rows = x!.shape.slice(0, -1);
    if (provider !== 'cpu' || x!.dtype !== 'float32' || !x!.shape.every((d) => typeof d === 'number')) return false;
    return axes.length === rows.length && !axes.includes(rows.length) && sizeOf(rows) >= manyRows;
  },
  build: ([x], attrs) => {
    const rows = sizeOf(x!.shape.slice(0, -1));
    const ones = filled(x!.graph, { dtype: x!.dtype, shape: [1, rows] }, 1);
    return [reshape(matmul(ones, reshape(x!, [rows, x!.shape.at(-1)!])), reduced(x!.shape, attrs))];
  },
};

export const ReduceSum: Op<Reduction> = reduction('ReduceSum', (g, { attrs }) => [kept(g, attrs)], [productWithOnes]);
export const ReduceMean: Op<Reduction> = reduction(
  'ReduceMean',
  (g, { inputs: [x], attrs }) => [mul(kept(g, attrs), 1 / count(x!, attrs.axes))],
  [
    {
      name: 'blocked',
      settles: 'in blocks',
      applies: ({ inputs: [x], attrs: { axes } }, target) =>
        axes.length === 2 && axes.includes(2) && axes.includes(3) && fitsBlocks(x!.type, target),
      build: ([x], attrs) => [reshape(BlockedGlobalAverage([toBlocked(x!)], {}), reduced(x!.shape, attrs))],
    },
  ],
);
export const ReduceMax: Op<Reduction> = reduction('ReduceMax', toExtremes);
export const ReduceMin: Op<Reduction> = reduction('ReduceMin', toExtremes);
/** A zero in the reduced range has no derivative here: NaN. */
export const ReduceProd: Op<Reduction> = reduction('ReduceProd', (g, { inputs: [x], outputs: [y], attrs }) => [
  div(mul(kept(g, attrs), kept(y!, attrs)), x!),
]);

const all = (x: Value): readonly number[] => x.shape.map((_, i) => i);
const positive = (x: Value, axes: readonly number[], where: string): readonly number[] =>
  axes.map((a) => axisOf(a, x.rank, where));

/** Sum over axes (all by default); the axes stay as 1 unless `keepdims` is false. */
export const reduceSum = (x: Value, axes: readonly number[] = all(x), keepdims = true): Value =>
  axes.length === 0 ? x : ReduceSum([x], { axes: positive(x, axes, 'ReduceSum'), keepdims });
export const reduceMean = (x: Value, axes: readonly number[] = all(x), keepdims = true): Value =>
  axes.length === 0 ? x : ReduceMean([x], { axes: positive(x, axes, 'ReduceMean'), keepdims });
export const reduceMax = (x: Value, axes: readonly number[] = all(x), keepdims = true): Value =>
  axes.length === 0 ? x : ReduceMax([x], { axes: positive(x, axes, 'ReduceMax'), keepdims });
export const reduceMin = (x: Value, axes: readonly number[] = all(x), keepdims = true): Value =>
  axes.length === 0 ? x : ReduceMin([x], { axes: positive(x, axes, 'ReduceMin'), keepdims });

/** log Σ exp(x) with the largest term taken out, so that nothing overflows. */
export const logSumExp = (x: Value, axes: readonly number[], keepdims = true): Value => {
  const top = reduceMax(x, axes);
  const y = add(log(reduceSum(exp(sub(x, top)), axes)), top);
  return keepdims
    ? y
    : reshape(
        y,
        y.shape.filter((_, i) => !positive(x, axes, 'logSumExp').includes(i)),
      );
};

const composed = (onnx: string, build: (x: Value, axes: readonly number[], keepdims: boolean) => Value): Import => ({
  onnx,
  domain: '',
  read: (r) => {
    const attrs = axesOf(r);
    return attrs ? build(r.input(0), attrs.axes, attrs.keepdims) : build(r.input(0), [], true);
  },
});

/** Reductions whose own kernels are slow on the CPU, written as elementwise operators around a sum. */
export const reduceImports: readonly Import[] = [
  composed('ReduceSumSquare', (x, axes, k) => reduceSum(mul(x, x), axes, k)),
  composed('ReduceL1', (x, axes, k) => reduceSum(abs(x), axes, k)),
  composed('ReduceL2', (x, axes, k) => sqrt(reduceSum(mul(x, x), axes, k))),
  composed('ReduceLogSum', (x, axes, k) => log(reduceSum(x, axes, k))),
  composed('ReduceLogSumExp', (x, axes, k) => logSumExp(x, axes, k)),
];

/** Biased variance over axes. */
export const variance = (x: Value, axes: readonly number[], keepdims = true): Value => {
  const centred = sub(x, reduceMean(x, axes));
  return reduceMean(mul(centred, centred), axes, keepdims);
};

/** Mean of everything, as a rank-0 value. */
export const mean = (x: Value): Value => (x.rank === 0 ? x : reduceMean(x, all(x), false));
/** Sum of everything, as a rank-0 value. */
export const sum = (x: Value): Value => (x.rank === 0 ? x : reduceSum(x, all(x), false));

/** Every entry of this file. */
export const reduceOps: readonly Op[] = [ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceProd].map((entry) => entry as Op);
