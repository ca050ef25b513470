import { BlockedAveragePool, BlockedMaxPool, blocksFit, fromBlocked, toBlocked } from '../blocked.ts';
import type { Lowering, Target } from '../define.ts';
import { spatialSizes } from '../window.ts';
import type { AverageAttrs, PoolLowering } from './attrs.ts';
import { maxGradByBlocks, maxPickByBlocks } from './blocks.ts';

export const blockedMax: PoolLowering = {
  name: 'blocked',
  settles: 'in blocks',
  applies: (node, target) => node.attrs.ceil_mode === 0 && blocksFit(node, target),
  build: ([x], { kernel_shape, strides, pads, dilations }) => [
    fromBlocked(BlockedMaxPool([toBlocked(x!)], { kernel_shape, strides, pads, dilations })),
  ],
};

export const blockedAverage: Lowering<AverageAttrs> = {
  name: 'blocked',
  settles: 'in blocks',
  applies: (node, target) => {
    const { ceil_mode, count_include_pad, pads } = node.attrs;
    return ceil_mode === 0 && (count_include_pad === 0 || pads.every((p) => p === 0)) && blocksFit(node, target);
  },
  build: ([x], { kernel_shape, strides, pads, dilations }) => [
    fromBlocked(BlockedAveragePool([toBlocked(x!)], { kernel_shape, strides, pads, dilations })),
  ],
};

/** The way over enlarged values consists of operators that all have a blocked form, where windows tile the picture. */
const staying = (way: PoolLowering): PoolLowering => ({
  ...way,
  name: 'blocked',
  settles: 'in blocks',
  applies: (node, target: Target) => {
    const [x, y] = node.inputs;
    const { kernel_shape } = node.attrs;
    const tiles = spatialSizes(x!, 'MaxPool').every((size, i) => size % kernel_shape[i]! === 0);
    return tiles && way.applies(node, target) && blocksFit({ inputs: [x!], outputs: [y!] }, target);
  },
});
export const blockedMaxGrad = staying(maxGradByBlocks);
export const blockedMaxPick = staying(maxPickByBlocks);
