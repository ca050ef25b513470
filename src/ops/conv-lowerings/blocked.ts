import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { BlockedConv, blocksFit, fitsBlocks, fromBlocked, Interleave, toBlocked } from '../blocked.ts';
import type { Applied, Lowering, Target } from '../define.ts';
import { gather } from '../gather.ts';
import { concat, zeros } from '../movement.ts';
import { reshape, transpose } from '../shape.ts';
import { spatialSizes } from '../window.ts';
import type { ConvAttrs, ConvGradAttrs } from './attrs.ts';

type Use = Pick<Applied<ConvAttrs>, 'inputs' | 'attrs' | 'outputs'>;

/** Every channel by itself, one kernel each. */
const depthwise = (w: readonly unknown[], group: number): boolean => group > 1 && w[0] === group && w[1] === 1;

/** Weights [M, C, h, w] in blocks of both kinds of channels: memory [M/b, C/b, h, w, b of C, b of M]. */
function blockWeights(w: Value, block: number): Value {
  const [m, c, ...kernel] = w.shape as readonly number[];
  const split = reshape(w, [m! / block, block, c! / block, block, ...kernel]);
  return reshape(transpose(split, [0, 2, 4, 5, 3, 1]), w.shape);
}

/** Weights [M, C, h, w] in blocks of M alone: memory [M/b, C, h, w, b], which is what depthwise and narrow kernels want. */
function blockOutputs(w: Value, block: number): Value {
  const [m, c, ...kernel] = w.shape as readonly number[];
  return reshape(transpose(reshape(w, [m! / block, block, c!, ...kernel]), [0, 2, 3, 4, 1]), w.shape);
}

/** The convolution in blocks. Weights that never change stay in the plain form, which the engine blocks by itself, once. */
export const blockedForward: Lowering<ConvAttrs> = {
  name: 'blocked',
  settles: 'anywhere',
  applies: ({ inputs: [x, w], attrs: { group }, outputs: [y] }: Use, target) => {
    if (w!.origin.kind === 'constant' || x!.rank !== 4 || !fitsBlocks(y!.type, target)) return false;
    const narrow = group === 1 && (x!.shape[1] as number) < target.block;
    return (narrow || fitsBlocks(x!.type, target)) && (group === 1 || depthwise(w!.shape, group));
  },
  build: ([x, w, b], attrs, { block }) => {
    const narrow = attrs.group === 1 && (x!.shape[1] as number) < block;
    const weights = narrow || attrs.group > 1 ? blockOutputs(w!, block) : blockWeights(w!, block);
    const inputs = [narrow ? x! : toBlocked(x!), weights];
    return [fromBlocked(BlockedConv(b ? [...inputs, b] : inputs, { ...attrs, kernel_shape: spatialSizes(w!, 'Conv') }))];
  },
};

/** How the results of one axis come about: `phases` interleaved runs, each a sum over `taps` neighbours of the gradient. */
interface Axis {
  readonly phases: number;
  readonly taps: number;
  readonly before: number;
  readonly after: number;
  /** Kernel position that a tap of a phase multiplies with; −1 for none. */
  readonly position: (phase: number, tap: number) => number;
}

/** Cell s·u + p of the input takes kernel position i from output u + o, where i·dilation = p + pad − s·o. */
function axisOf(size: number, count: number, kernel: number, stride: number, dilation: number, pad: number): Axis {
  const offsets: number[] = [];
  for (let p = 0; p < stride; p++) {
    for (let i = 0; i < kernel; i++) if ((p + pad - dilation * i) % stride === 0) offsets.push((p + pad - dilation * i) / stride);
  }
  const [low, high] = [Math.min(...offsets), Math.max(...offsets)];
  const step = stride === 1 ? dilation : 1;
  return {
    phases: stride,
    taps: (high - low) / step + 1,
    before: -low,
    after: size / stride - count + high,
    position: (phase, tap) => {
      const i = (phase + pad - stride * (low + tap * step)) / dilation;
      return i >= 0 && i < kernel ? i : -1;
    },
  };
}

const axesOf = (w: Value, dy: Value, { strides, dilations, pads, shape }: ConvGradAttrs): readonly [Axis, Axis] => {
  const one = (i: 0 | 1): Axis =>
    axisOf(shape[i + 2]!, dy.shape[i + 2] as number, w.shape[i + 2] as number, strides[i]!, dilations[i]!, pads[i]!);
  return [one(0), one(1)];
};

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** Kernel positions for all phases and taps of both axes, the taps fastest; past the last one where there is none. */
function kernelPlaces([rows, columns]: readonly [Axis, Axis], kernel: readonly number[]): readonly number[] {
  const none = kernel[0]! * kernel[1]!;
  return range(rows.phases).flatMap((p) =>
    range(columns.phases).flatMap((q) =>
      range(rows.taps).flatMap((t) =>
        range(columns.taps).map((u) => {
          const [i, j] = [rows.position(p, t), columns.position(q, u)];
          return i < 0 || j < 0 ? none : i * kernel[1]! + j;
        }),
      ),
    ),
  );
}

/** Weights [M, C, h, w] as [M, C, places], zero where a place is past the last one. */
function taken(w: Value, places: readonly number[]): Value {
  const [m, c, h, k] = w.shape as readonly number[];
  const flat = reshape(w, [m!, c!, h! * k!]);
  const none = h! * k!;
  if (places.length === none && places.every((p, i) => p === i)) return flat;
  const open = places.includes(none) ? concat([flat, zeros(w.graph, { dtype: w.dtype, shape: [m!, c!, 1] })], 2) : flat;
  return gather(open, w.graph.constant(tensor('int64', [places.length], places)), 2);
}

/**
 * The input gradient in blocks: a convolution with the kernel turned around. With a stride, the cells that lie a stride apart form
 * a phase each, and all phases are the channels of one convolution.
 */
export const blockedInputGrad: Lowering<ConvGradAttrs> = {
  name: 'blocked',
  settles: 'anywhere',
  applies: ({ inputs: [w, dy], attrs, outputs }, target: Target) => {
    const { strides, dilations, shape, group } = attrs;
    if (!blocksFit({ inputs: [dy!], outputs }, target) || !(group === 1 || depthwise(w!.shape, group))) return false;
    const whole = strides.every((s, i) => s === 1 || (dilations[i] === 1 && shape[i + 2]! % s === 0));
    return whole && axesOf(w!, dy!, attrs).every((axis) => axis.before >= 0 && axis.after >= 0);
  },
  build: ([w, dy], attrs, { block }) => {
    const axes = axesOf(w!, dy!, attrs);
    const [rows, columns] = axes;
    const kernel = [rows.taps, columns.taps];
    const volume = rows.taps * columns.taps;
    const window = {
      kernel_shape: kernel,
      strides: [1, 1],
      pads: [rows.before, columns.before, rows.after, columns.after],
      dilations: attrs.dilations,
    };
    const phases: readonly [number, number] = [rows.phases, columns.phases];
    const count = rows.phases * columns.phases;
    const [m, c] = [w!.shape[0] as number, attrs.shape[1]!];
    const turned = taken(w!, kernelPlaces(axes, w!.shape.slice(2) as number[]));
    const g = toBlocked(dy!);
    const parts = (): Value => {
      if (attrs.group === 1) {
        const split = reshape(turned, [m / block, block, c / block, block, count, volume]);
        const weights = reshape(transpose(split, [4, 2, 0, 5, 1, 3]), [count * c, m, ...kernel]);
        return BlockedConv([g, weights], { ...window, group: 1 });
      }
      // Memory [phases, C/b, taps, b]: the kernels of a phase lie together.
      const split = transpose(reshape(turned, [c / block, block, count, volume]), [2, 0, 3, 1]);
      const each = range(count).map((phase) => {
        const one = count === 1 ? split : gather(split, w!.graph.constant(tensor('int64', [1], [phase])), 0);
        return BlockedConv([g, reshape(one, [c, 1, ...kernel])], { ...window, group: c });
      });
      return concat(each, 1);
    };
    const y = parts();
    return [fromBlocked(count === 1 ? y : Interleave([y], { phases, block }))];
  },
};
