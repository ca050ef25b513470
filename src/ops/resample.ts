import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { showType, tensor } from '../graph/type.ts';
import { BlockedAveragePool, BlockedUpsample, blocksFit, fromBlocked, toBlocked } from './blocked.ts';
import { type Op, op } from './define.ts';
import { mul } from './elementwise.ts';
import { sizeAt } from './movement.ts';

/** One whole factor per spatial axis. */
type Factors = { readonly factors: readonly number[] };

const volume = (factors: readonly number[]): number => factors.reduce((a, b) => a * b, 1);

/** Repeats every cell of [N, C, ...] over a block: enlarging by the nearest neighbour. */
export const Upsample: Op<Factors> = op<Factors>({
  onnx: 'Resize',
  infer: ([x], { factors }) => ({
    dtype: x!.dtype,
    shape: x!.shape.map((d, i) => (i < 2 ? d : sizeAt(x!, i, 'Resize') * factors[i - 2]!)),
  }),
  vjp: (g, { attrs: { factors } }) => [mul(blockMean(g, factors), volume(factors))],
  emit: (e, [x], { attrs }, outputs) => {
    const scales = [1, 1, ...(attrs.factors as readonly number[])];
    e.node(
      'Resize',
      [x!, '', e.constant(tensor('float32', [scales.length], scales))],
      {
        mode: { kind: 'string', value: 'nearest' },
        coordinate_transformation_mode: { kind: 'string', value: 'asymmetric' },
        nearest_mode: { kind: 'string', value: 'floor' },
      },
      outputs,
    );
  },
  lowerings: [
    {
      name: 'blocked',
      settles: 'in blocks',
      applies: blocksFit,
      build: ([x], { factors }) => [fromBlocked(BlockedUpsample([toBlocked(x!)], { scales: [1, 1, ...factors] }))],
    },
  ],
});
/** Every cell of [N, C, ...] repeated over a block of the given size. */
export const upsample = (x: Value, factors: readonly number[]): Value =>
  factors.every((f) => f === 1) ? x : Upsample([x], { factors });

/** Means of blocks that tile the spatial axes of [N, C, ...] exactly. */
export const BlockMean: Op<Factors> = op<Factors>({
  onnx: 'AveragePool',
  infer: ([x], { factors }) => ({
    dtype: x!.dtype,
    shape: x!.shape.map((d, i) => {
      if (i < 2) return d;
      const size = sizeAt(x!, i, 'AveragePool') / factors[i - 2]!;
      if (Number.isInteger(size)) return size;
      throw new GraphError('shape-mismatch', `AveragePool: blocks of ${factors.join('×')} do not tile ${showType(x!.type)}`);
    }),
  }),
  vjp: (g, { attrs: { factors } }) => [mul(upsample(g, factors), 1 / volume(factors))],
  emit: (e, inputs, { attrs }, outputs) => {
    const sizes = { kind: 'ints', value: attrs.factors as readonly number[] } as const;
    e.node('AveragePool', inputs, { kernel_shape: sizes, strides: sizes }, outputs);
  },
  lowerings: [
    {
      name: 'blocked',
      settles: 'in blocks',
      applies: blocksFit,
      build: ([x], { factors }) => {
        const window = { kernel_shape: factors, strides: factors, pads: [0, 0, 0, 0], dilations: [1, 1] };
        return [fromBlocked(BlockedAveragePool([toBlocked(x!)], window))];
      },
    },
  ],
});
/** Means of blocks of the given size, which must tile the spatial axes of [N, C, ...] exactly. */
export const blockMean = (x: Value, factors: readonly number[]): Value =>
  factors.every((f) => f === 1) ? x : BlockMean([x], { factors });

/** Every entry of this file. */
export const resampleOps: readonly Op[] = [Upsample as Op, BlockMean as Op];
