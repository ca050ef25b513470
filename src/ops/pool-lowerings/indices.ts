import type { Value } from '../../graph/graph.ts';
import { type Op, op } from '../define.ts';
import { scatterNd } from '../gather.ts';
import { zeros } from '../movement.ts';
import { reshape } from '../shape.ts';
import type { PoolAttrs, PoolLowering } from './attrs.ts';

/** MaxPool for its second output: the place of each maximum in the flat input. */
const MaxPlaces: Op<PoolAttrs> = op<PoolAttrs>({
  onnx: 'MaxPool',
  attributes: {
    kernel_shape: ['ints'],
    strides: ['ints'],
    pads: ['ints'],
    dilations: ['ints'],
    ceil_mode: ['int', 0],
  },
  infer: ([x, y]) => [
    { dtype: x!.dtype, shape: y!.shape },
    { dtype: 'int64', shape: y!.shape },
  ],
  vjp: { stops: 'an index carries no gradient' },
  emit: (e, [x], { attrs }, outputs) => {
    const ints = (name: string) => ({ kind: 'ints', value: attrs[name] as readonly number[] }) as const;
    const [kernel_shape, strides, pads, dilations] = ['kernel_shape', 'strides', 'pads', 'dilations'].map(ints);
    const table = { kernel_shape: kernel_shape!, strides: strides!, pads: pads!, dilations: dilations! };
    e.node('MaxPool', [x!], { ...table, ceil_mode: { kind: 'int', value: attrs.ceil_mode as number } }, outputs);
  },
});

const placesOf = (x: Value, y: Value, attrs: PoolAttrs): Value => MaxPlaces.all([x, y], attrs)[1]!;

/** Any window: the places of the maxima, asked of MaxPool again. WebGPU does not tell them. */
export const maxGradByIndices: PoolLowering = {
  name: 'indices',
  applies: ({ inputs: [x] }, { provider }) => provider !== 'webgpu' && x!.dtype === 'float32',
  build: ([x, y, dy], attrs) => {
    const total = x!.shape.reduce<number>((n, d) => n * (d as number), 1);
    const places = reshape(placesOf(x!, y!, attrs), [-1, 1]);
    const empty = zeros(x!.graph, { dtype: x!.dtype, shape: [total] });
    return [reshape(scatterNd(empty, places, reshape(dy!, [-1]), 'add'), x!.shape)];
  },
};
