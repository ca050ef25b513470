import { GraphError } from '../graph/error.ts';
import type { Node, Value } from '../graph/graph.ts';
import { type Shape, showType, sizeOf } from '../graph/type.ts';
import { broadcast } from './broadcast.ts';
import { type Import, type Op, op } from './define.ts';
import { add, mul } from './elementwise.ts';
import { reshape, swapLast, transpose } from './shape.ts';

const known = (shape: Shape): number => sizeOf(shape.map((d) => (typeof d === 'number' ? d : 1)));

/** [.., M, K] × [.., K, N], both of rank 2 or more; leading axes broadcast. */
export const MatMul: Op = op({
  onnx: 'MatMul',
  infer: ([a, b]) => {
    const [m, k] = [a!.shape.at(-2), a!.shape.at(-1)];
    const [k2, n] = [b!.shape.at(-2), b!.shape.at(-1)];
    if (a!.rank < 2 || b!.rank < 2 || k !== k2 || a!.dtype !== b!.dtype) {
      throw new GraphError('shape-mismatch', `MatMul: ${showType(a!.type)} times ${showType(b!.type)}`);
    }
    return { dtype: a!.dtype, shape: [...broadcast(a!.shape.slice(0, -2), b!.shape.slice(0, -2), 'MatMul'), m!, n!] };
  },
  vjp: (g, { inputs: [a, b] }) => [matmul(g, swapLast(b!)), b!.rank === 2 ? weightGradient(a!, g) : matmul(swapLast(a!), g)],
  read: (r) => matmul(r.input(0), r.input(1)),
  macs: ({ inputs: [a], outputs: [y] }) => known(y!.shape) * known(a!.shape.slice(-1)),
});

/** Aᵀ·G over all leading axes at once: one product instead of a batch of them and a sum. */
const weightGradient = (a: Value, g: Value): Value => {
  const rows = (v: Value): Value => (v.rank === 2 ? v : reshape(v, [-1, v.shape.at(-1)!]));
  return matmul(transpose(rows(a), [1, 0]), rows(g));
};

/** Matrix product with NumPy's rules: a vector is a row on the left and a column on the right. */
export const matmul = (a: Value, b: Value): Value => {
  if (a.rank === 1 && b.rank === 1) return reshape(matmul(reshape(a, [1, -1]), reshape(b, [-1, 1])), []);
  if (a.rank === 1) {
    const y = matmul(reshape(a, [1, a.shape[0]!]), b);
    return reshape(y, y.shape.toSpliced(-2, 1));
  }
  if (b.rank === 1) {
    const y = matmul(a, reshape(b, [b.shape[0]!, 1]));
    return reshape(y, y.shape.slice(0, -1));
  }
  return MatMul([a, b], {});
};

type GemmAttrs = { readonly alpha: number; readonly beta: number; readonly transA: number; readonly transB: number };

/** alpha · A'·B' + beta · C for matrices, ' being an optional transpose; C broadcasts to [M, N]. */
export const Gemm: Op<GemmAttrs> = op<GemmAttrs>({
  onnx: 'Gemm',
  attributes: { alpha: ['float', 1], beta: ['float', 1], transA: ['int', 0], transB: ['int', 0] },
  infer: ([a, b, c], { transA, transB }) => {
    const [m, k] = transA ? [a!.shape[1], a!.shape[0]] : [a!.shape[0], a!.shape[1]];
    const [k2, n] = transB ? [b!.shape[1], b!.shape[0]] : [b!.shape[0], b!.shape[1]];
    if (a!.rank !== 2 || b!.rank !== 2 || k !== k2) {
      throw new GraphError('shape-mismatch', `Gemm: ${showType(a!.type)} times ${showType(b!.type)}`);
    }
    if (c) broadcast([m!, n!], c.shape, 'Gemm');
    return { dtype: a!.dtype, shape: [m!, n!] };
  },
  vjp: (g, { inputs: [a, b, c], attrs: { alpha, beta, transA, transB } }) => {
    const scaled = alpha === 1 ? g : mul(g, alpha);
    const A = transA ? transpose(a!, [1, 0]) : a!;
    const B = transB ? transpose(b!, [1, 0]) : b!;
    const dA = matmul(scaled, transpose(B, [1, 0]));
    const dB = matmul(transpose(A, [1, 0]), scaled);
    return [transA ? transpose(dA, [1, 0]) : dA, transB ? transpose(dB, [1, 0]) : dB, c && (beta === 1 ? g : mul(g, beta))];
  },
  macs: ({ inputs: [a], outputs: [y], attrs }: Node) => known(y!.shape) * known([a!.shape[attrs.transA ? 0 : 1]!]),
});

/** x·W + b for x [.., K], W [K, N], b [N]. */
export const linear = (x: Value, w: Value, b?: Value): Value => (b ? add(matmul(x, w), b) : matmul(x, w));

const fusedMatMul: Import = {
  onnx: 'FusedMatMul',
  domain: 'com.microsoft',
  read: (r) => {
    const a = r.int('transA', 0) ? swapLast(r.input(0)) : r.input(0);
    const b = r.int('transB', 0) ? swapLast(r.input(1)) : r.input(1);
    const alpha = r.float('alpha', 1);
    const y = matmul(a, b);
    return alpha === 1 ? y : mul(y, alpha);
  },
};

export const linalgImports: readonly Import[] = [fusedMatMul];

/** Every entry of this file. */
export const linalgOps: readonly Op[] = [MatMul, Gemm as Op];
