import type { Value } from '../graph/graph.ts';
import { sizeOf } from '../graph/type.ts';
import { axisOf, type NodeReader, type Op, type OpSpec, op } from './define.ts';
import { exp, mul, sub } from './elementwise.ts';
import { logSumExp, reduceSum } from './reduce.ts';
import { reshape } from './shape.ts';

type AxisAttrs = { readonly axis: number };

/** Until version 12 all axes from `axis` on counted as one, and the default was 1. */
const readOver = (r: NodeReader, build: (x: Value, axis: number) => Value): Value => {
  const x = r.input(0);
  if (r.opset >= 13) return build(x, axisOf(r.int('axis', -1), x.rank, r.onnx));
  const axis = axisOf(r.int('axis', 1), x.rank, r.onnx);
  if (axis === x.rank - 1) return build(x, axis);
  return reshape(build(reshape(x, [-1, sizeOf(x.shape.slice(axis))]), 1), x.shape);
};

const overAxis = (spec: Pick<OpSpec<AxisAttrs>, 'onnx' | 'vjp' | 'lazy' | 'lowerings'>): Op<AxisAttrs> => {
  const made: Op<AxisAttrs> = op<AxisAttrs>({
    ...spec,
    attributes: { axis: ['int', -1] },
    infer: ([x], { axis }) => {
      axisOf(axis, x!.rank, spec.onnx);
      return x!.type;
    },
    read: (r) => readOver(r, (x, axis) => made([x], { axis })),
  });
  return made;
};

/** exp(x) divided by its sum along an axis. */
export const Softmax: Op<AxisAttrs> = overAxis({
  onnx: 'Softmax',
  lazy: true,
  vjp: (g, { outputs: [y], attrs: { axis } }) => [mul(sub(g, reduceSum(mul(g, y!), [axis])), y!)],
});
/** Softmax along an axis, the last unless told. */
export const softmax = (x: Value, axis = -1): Value => Softmax([x], { axis: axisOf(axis, x.rank, 'Softmax') });

/** The logarithm of the softmax along an axis. */
export const LogSoftmax: Op<AxisAttrs> = overAxis({
  onnx: 'LogSoftmax',
  vjp: (g, { outputs: [y], attrs: { axis } }) => [sub(g, mul(exp(y!), reduceSum(g, [axis])))],
  lowerings: [
    {
      name: 'plain',
      applies: (_, { provider }) => provider !== 'webgpu',
      build: ([x], { axis }) => [logSoftmax(x!, axis)],
    },
    // WebGPU has no kernel for it.
    { name: 'composed', applies: () => true, build: ([x], { axis }) => [sub(x!, logSumExp(x!, [axis]))] },
  ],
});
/** log softmax along an axis, the last unless told. */
export const logSoftmax = (x: Value, axis = -1): Value => LogSoftmax([x], { axis: axisOf(axis, x.rank, 'LogSoftmax') });

/** Every entry of this file. */
export const softmaxOps: readonly Op[] = [Softmax as Op, LogSoftmax as Op];
