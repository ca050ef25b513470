import type { Value } from '../../graph/graph.ts';
import { BlockedConv, fitsBlocks, ReorderInput, ReorderOutput, toBlocked } from '../blocked.ts';
import type { Applied, Lowering, Target } from '../define.ts';
import { concat, slice, zeros } from '../movement.ts';
import { reduceSum } from '../reduce.ts';
import { reshape, transpose } from '../shape.ts';
import type { ConvGradAttrs } from './attrs.ts';

type Use = Pick<Applied<ConvGradAttrs>, 'inputs' | 'attrs' | 'outputs'>;

/** The batch is split into so many groups of examples, which are summed at the end: enough to keep every thread busy. */
const mostGroups = 4;

/** Padding after the picture that the last window needs, and cells that no window reaches. */
function end({ strides, pads, shape }: ConvGradAttrs, x: Value, dy: Value, axis: 0 | 1) {
  const last = strides[axis]! * ((dy.shape[axis + 2] as number) - 1) + shape[axis + 2]! - pads[axis]!;
  const missing = last - (x.shape[axis + 2] as number);
  return { after: Math.max(missing, 0), over: Math.max(-missing, 0) };
}

const undilated = ({ dilations }: ConvGradAttrs): boolean => dilations.every((d) => d === 1);

/** Examples as channels: [N, C, H, W] to memory [N/b, H, W·C, b]. */
function batchInBlocks(x: Value, { block }: Target): Value {
  const [n, c, h, w] = x.shape as readonly number[];
  const rows = (): Value => {
    if (c === 1) return x;
    if (c! % block !== 0) return transpose(x, [0, 2, 3, 1]);
    // One block of channels is the order that is wanted already.
    return c === block ? toBlocked(x) : ReorderOutput([toBlocked(x)], { channels_last: 1 });
  };
  return ReorderInput([reshape(rows(), [1, n!, h!, w! * c!])], { channels_last: 0 });
}

/** With zeros before and after the width, which is quicker than leaving that to the convolution. */
function paddedWidth(xn: Value, [n, c, h, w]: readonly number[], before: number, after: number, block: number): Value {
  const lead = [n! / block, h!] as const;
  const side = (width: number): readonly Value[] =>
    width === 0 ? [] : [zeros(xn.graph, { dtype: xn.dtype, shape: [...lead, width * c! * block] })];
  const inner = reshape(xn, [...lead, w! * c! * block]);
  return reshape(concat([...side(before), inner, ...side(after)], 2), [1, n!, h!, (before + w! + after) * c!]);
}

/**
 * The weight gradient as one convolution whose channels are the examples and whose kernel is the output gradient:
 * dw[m, c, i, j] = Σ dy[n, m, u, v]·x[n, c, s·u + i − p, s·v + j − p]. Width and channels of x share an axis, (w, c), so that
 * neighbouring kernel positions lie C apart there and strides become dilations.
 */
export const blockedWeightGrad: Lowering<ConvGradAttrs> = {
  name: 'blocked',
  settles: 'anywhere',
  applies: ({ inputs: [x, dy], attrs }: Use, target) =>
    attrs.group === 1 &&
    undilated(attrs) &&
    fitsBlocks(dy!.type, target) &&
    x!.shape.every((d) => typeof d === 'number') &&
    (x!.shape[0] as number) % target.block === 0 &&
    ((x!.shape[1] as number) < target.block || (x!.shape[1] as number) % target.block === 0),
  build: ([x, dy], attrs, target) => {
    const { strides, pads, shape } = attrs;
    const { block } = target;
    const [m, c, kh, kw] = shape as readonly [number, number, number, number];
    const [n, , ho, wo] = dy!.shape as readonly number[];
    const [rows, columns] = [end(attrs, x!, dy!, 0), end(attrs, x!, dy!, 1)];
    const groups = [mostGroups, 2, 1].find((g) => (n! / block) % g === 0)!;
    const padded = paddedWidth(batchInBlocks(x!, target), x!.shape as number[], pads[1]!, columns.after, block);
    const split = reshape(toBlocked(dy!), [groups, n! / block / groups, block, m / block, ho! * wo!, block]);
    const kernels = reshape(transpose(split, [0, 3, 1, 4, 2, 5]), [groups * m, n! / groups, ho!, wo!]);
    const sums = BlockedConv([padded, kernels], {
      kernel_shape: [ho!, wo!],
      // Of a kernel with one row, the rows that no window reaches are stepped over.
      strides: [kh === 1 ? rows.over + 1 : 1, 1],
      pads: [pads[0]!, 0, rows.after, 0],
      dilations: [strides[0]!, strides[1]! * c],
      group: groups,
    });
    const found = [kh === 1 ? 1 : kh + rows.over, kw + columns.over];
    const parts = reshape(sums, [groups, m / block, ...found, c, block]);
    const total = groups === 1 ? reshape(parts, [m / block, ...found, c, block]) : reduceSum(parts, [0], false);
    const dw = transpose(slice(total, [0, 0], [kh, kw], [1, 2]), [0, 4, 3, 1, 2]);
    return [reshape(dw, shape)];
  },
};

/** One kernel a channel: each channel of each example is a convolution of its own, whose kernel is its output gradient. */
export const blockedDepthwiseWeightGrad: Lowering<ConvGradAttrs> = {
  name: 'blocked depthwise',
  settles: 'anywhere',
  applies: ({ inputs: [x, dy], attrs }: Use, target) =>
    attrs.group > 1 &&
    attrs.group === attrs.shape[0] &&
    attrs.shape[1] === 1 &&
    undilated(attrs) &&
    fitsBlocks(x!.type, target) &&
    fitsBlocks(dy!.type, target),
  build: ([x, dy], attrs, { block }) => {
    const { strides, pads, shape } = attrs;
    const [n, c, ...size] = x!.shape as readonly number[];
    const counts = dy!.shape.slice(2) as readonly number[];
    const [rows, columns] = [end(attrs, x!, dy!, 0), end(attrs, x!, dy!, 1)];
    const maps = n! * c!;
    const [kh, kw] = [shape[2]!, shape[3]!];
    const each = BlockedConv([reshape(toBlocked(x!), [1, maps, ...size]), reshape(toBlocked(dy!), [maps, 1, ...counts])], {
      kernel_shape: counts,
      strides: [1, 1],
      pads: [pads[0]!, pads[1]!, rows.after, columns.after],
      dilations: strides,
      group: maps,
    });
    const parts = reshape(each, [n!, c! / block, kh + rows.over, kw + columns.over, block]);
    const total = slice(reduceSum(parts, [0], false), [0, 0], [kh, kw], [1, 2]);
    return [reshape(transpose(total, [0, 3, 1, 2]), shape)];
  },
};
