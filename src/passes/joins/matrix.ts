import { nodeOf, type Value } from '../../graph/graph.ts';
import { sameShape, sizeOf } from '../../graph/type.ts';
import { constantNumbers, specOf } from '../../ops/define.ts';
import { add, mul } from '../../ops/elementwise.ts';
import { Gemm, MatMul } from '../../ops/linalg.ts';
import { reshape, Transpose } from '../../ops/shape.ts';
import type { Join } from './join.ts';

/** The matrix that a transpose made a value from, or the value itself. */
const untransposed = (v: Value): { readonly matrix: Value; readonly transposed: number } => {
  const node = nodeOf(v);
  return node?.op === Transpose ? { matrix: node.inputs[0]!, transposed: 1 } : { matrix: v, transposed: 0 };
};

/** A value as a constant times another one. */
function scaled(v: Value): { readonly value: Value; readonly factor: number } {
  const node = nodeOf(v);
  const factor = node?.op === mul.op && node.inputs[1]!.rank === 0 ? constantNumbers(node.inputs[1])?.[0] : undefined;
  return factor === undefined ? { value: v, factor: 1 } : { value: node!.inputs[0]!, factor };
}

/** β·C + A·B of matrices is one operator: what momentum does with the gradient of a weight matrix, without a pass of its own. */
export const productIntoGemm: Join = (node, [a, b], once) => {
  if (node.op !== add.op || a!.rank !== 2 || a!.dtype !== 'float32' || !sameShape(a!.shape, b!.shape)) return undefined;
  const product = [a!, b!].find((v) => nodeOf(v)?.op === MatMul && once(v));
  const factors = product && (nodeOf(product)!.inputs as readonly Value[]);
  if (!factors?.every((v) => v.rank === 2)) return undefined;
  const [left, right] = factors.map(untransposed);
  const { value, factor } = scaled(product === a ? b! : a!);
  const attrs = { alpha: 1, beta: factor, transA: left!.transposed, transB: right!.transposed };
  return Gemm([left!.matrix, right!.matrix, value], attrs);
};

/** Fewer elements are not worth two more nodes. */
const many = 1024;

/**
 * A number against a value whose last axes have size 1, such as the weights of a pointwise convolution: the CPU provider then goes
 * element by element, unless the axes are taken off.
 */
export const flatScaling: Join = (node, inputs) => {
  const { shape, type } = node.outputs[0]!;
  if (!specOf(node).pointwise || inputs.length !== 2 || shape.at(-1) !== 1) return undefined;
  if (!shape.every((d) => typeof d === 'number') || sizeOf(shape) < many) return undefined;
  const fits = inputs.some((v) => v.rank === 0) && inputs.some((v) => sameShape(v.shape, shape));
  if (!fits) return undefined;
  const flat = inputs.map((v) => (v.rank === 0 ? v : reshape(v, [-1])));
  const made = flat[0]!.graph.node(node.op, flat, node.attrs, [{ ...type, shape: [sizeOf(shape)] }], node.label);
  return reshape(made[0]!, shape);
};
