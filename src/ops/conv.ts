import { GraphError } from '../graph/error.ts';
import type { Node, Value } from '../graph/graph.ts';
import { type Shape, showType, sizeOf, staticShape } from '../graph/type.ts';
import { fusedActivation } from './activations.ts';
import { channelSum } from './channel.ts';
import type { ConvAttrs, ConvGradAttrs } from './conv-lowerings/attrs.ts';
import { blockedForward, blockedInputGrad } from './conv-lowerings/blocked.ts';
import { blockedDepthwiseWeightGrad, blockedWeightGrad } from './conv-lowerings/blocked-weights.ts';
import { columns, shifted } from './conv-lowerings/columns.ts';
import { flipped, stuffed } from './conv-lowerings/flipped.ts';
import { swapped } from './conv-lowerings/swapped.ts';
import { taps } from './conv-lowerings/taps.ts';
import { transposed } from './conv-lowerings/transposed.ts';
import { type Import, type NodeReader, type Op, op, Unreadable } from './define.ts';
import { add } from './elementwise.ts';
import { sizeAt } from './movement.ts';
import {
  type PerAxis,
  perAxis,
  reach,
  readWindow,
  spatialSizes,
  type WindowOptions,
  windowAttrs,
  windowShape,
} from './window.ts';

const windowTable = { strides: ['ints'], pads: ['ints'], dilations: ['ints'], group: ['int', 1] } as const;

/** Multiply–accumulates of a convolution with weights w and output y. */
const macsOf = (w: Value, y: Value): number =>
  sizeOf(y.shape.map((d) => (typeof d === 'number' ? d : 1))) * sizeOf(w.shape.slice(1));

const kernelOf = (w: Value): readonly number[] => spatialSizes(w, 'Conv');

const without = ({ strides, pads, dilations, group }: ConvAttrs): ConvAttrs => ({ strides, pads, dilations, group });

/** Convolution of [N, C, ...] with [M, C/group, ...kernel] and a bias [M], over one to three spatial axes. */
export const Conv: Op<ConvAttrs> = op<ConvAttrs>({
  onnx: 'Conv',
  attributes: windowTable,
  infer: ([x, w], attrs) => {
    const [m, c] = [sizeAt(w!, 0, 'Conv'), sizeAt(w!, 1, 'Conv')];
    if (x!.shape[1] !== c * attrs.group || m % attrs.group !== 0) {
      throw new GraphError(
        'shape-mismatch',
        `Conv: ${showType(x!.type)} with weights ${showType(w!.type)} in ${attrs.group} group${attrs.group === 1 ? '' : 's'}`,
      );
    }
    return { dtype: x!.dtype, shape: [x!.shape[0]!, m, ...windowShape(x!, kernelOf(w!), attrs, 'Conv')] };
  },
  vjp: (g, { inputs: [x, w, b], attrs }) => [
    convInputGrad(w!, g, attrs, x!.shape),
    convWeightGrad(x!, g, attrs, w!.shape),
    b && channelSum(g),
  ],
  read: (r) => readConv(r),
  macs: ({ inputs: [, w], outputs: [y] }) => macsOf(w!, y!),
  lowerings: [blockedForward, { name: 'plain', applies: () => true, build: (inputs, attrs) => [Conv(inputs, attrs)] }, taps],
});

/** The gradient of a convolution with respect to its input, from the weights and the gradient of the output. */
export const ConvInputGrad: Op<ConvGradAttrs> = op<ConvGradAttrs>({
  onnx: 'ConvInputGrad',
  domain: 'potstill',
  infer: ([, dy], { shape }) => ({ dtype: dy!.dtype, shape }),
  vjp: (g, { inputs: [w, dy], attrs }) => [convWeightGrad(g, dy!, attrs, w!.shape), Conv([g, w!], without(attrs))],
  macs: ({ inputs: [w, dy] }) => macsOf(w!, dy!),
  lowerings: [
    blockedInputGrad,
    flipped((...a) => Conv(...a)),
    transposed((...a) => ConvTranspose(...a)),
    stuffed((...a) => Conv(...a)),
  ],
});

/** The gradient of a convolution with respect to its weights, from the input and the gradient of the output. */
export const ConvWeightGrad: Op<ConvGradAttrs> = op<ConvGradAttrs>({
  onnx: 'ConvWeightGrad',
  domain: 'potstill',
  infer: ([x], { shape }) => ({ dtype: x!.dtype, shape }),
  vjp: (g, { inputs: [x, dy], attrs }) => [convInputGrad(g, dy!, attrs, x!.shape), Conv([x!, g], without(attrs))],
  macs: ({ inputs: [, dy], outputs: [dw] }) => macsOf(dw!, dy!),
  lowerings: [blockedWeightGrad, blockedDepthwiseWeightGrad, columns, shifted, swapped((...a) => Conv(...a))],
});

const convInputGrad = (w: Value, dy: Value, attrs: ConvAttrs, shape: Shape): Value =>
  ConvInputGrad([w, dy], { ...without(attrs), shape: staticShape(shape) });
const convWeightGrad = (x: Value, dy: Value, attrs: ConvAttrs, shape: Shape): Value =>
  ConvWeightGrad([x, dy], { ...without(attrs), shape: staticShape(shape) });

type TransposeAttrs = ConvAttrs & { readonly output_padding: readonly number[] };

/** The transposed convolution of [N, C, ...] with [C, M/group, ...kernel] and a bias [M]: the input gradient of a convolution. */
export const ConvTranspose: Op<TransposeAttrs> = op<TransposeAttrs>({
  onnx: 'ConvTranspose',
  attributes: { ...windowTable, output_padding: ['ints'] },
  infer: ([x, w], { strides, pads, dilations, group, output_padding }) => {
    if (x!.shape[1] !== w!.shape[0]) {
      throw new GraphError('shape-mismatch', `ConvTranspose: ${showType(x!.type)} with weights ${showType(w!.type)}`);
    }
    const covered = reach(kernelOf(w!), { dilations });
    const rank = covered.length;
    const sizes = spatialSizes(x!, 'ConvTranspose').map(
      (size, i) => (size - 1) * strides[i]! + covered[i]! + output_padding[i]! - pads[i]! - pads[i + rank]!,
    );
    return { dtype: x!.dtype, shape: [x!.shape[0]!, sizeAt(w!, 1, 'ConvTranspose') * group, ...sizes] };
  },
  vjp: (g, { inputs: [x, w, b], attrs }) => [
    Conv([g, w!], without(attrs)),
    convWeightGrad(g, x!, attrs, w!.shape),
    b && channelSum(g),
  ],
  read: (r) => readConvTranspose(r),
  macs: ({ inputs: [x, w] }: Node) => macsOf(w!, x!),
});

/** `groups` = channels of the input makes it depthwise. */
export interface ConvOptions extends WindowOptions {
  readonly groups?: number;
}

/** Convolution of x [N, C, ...] with w [M, C/groups, ...kernel] and an optional bias [M]. */
export const conv = (x: Value, w: Value, b?: Value, options: ConvOptions = {}): Value =>
  Conv(b ? [x, w, b] : [x, w], { ...windowAttrs(options, w.rank - 2), group: options.groups ?? 1 });

/** Transposed convolution of x [N, C, ...] with w [C, M/groups, ...kernel]; `outputPadding` adds cells at the end. */
export const convTranspose = (
  x: Value,
  w: Value,
  b?: Value,
  { outputPadding = 0, ...options }: ConvOptions & { readonly outputPadding?: PerAxis } = {},
): Value =>
  ConvTranspose(b ? [x, w, b] : [x, w], {
    ...windowAttrs(options, w.rank - 2),
    group: options.groups ?? 1,
    output_padding: perAxis(outputPadding, w.rank - 2),
  });

const withBias = (r: NodeReader): readonly Value[] =>
  r.inputs[2] ? [r.input(0), r.input(1), r.input(2)] : [r.input(0), r.input(1)];

const readConv = (r: NodeReader): Value =>
  Conv(withBias(r), { ...readWindow(r, kernelOf(r.input(1))), group: r.int('group', 1) });

function readConvTranspose(r: NodeReader): Value {
  const kernel = kernelOf(r.input(1));
  const zero = kernel.map(() => 0);
  const auto = r.string('auto_pad', 'NOTSET');
  if (auto === 'VALID' || auto === 'NOTSET' || auto === '') {
    const { strides, dilations, pads } = readWindow(r, kernel);
    const output_padding = r.ints('output_padding', zero);
    const attrs = { strides, dilations, pads, group: r.int('group', 1), output_padding };
    if (!r.has('output_shape')) return ConvTranspose(withBias(r), attrs);
    return ConvTranspose(withBias(r), { ...attrs, pads: padsFor(r, kernel, r.ints('output_shape'), false) });
  }
  const strides = r.ints('strides', kernel.map(() => 1)); // biome-ignore format: one call
  const sizes = r.has('output_shape')
    ? r.ints('output_shape')
    : spatialSizes(r.input(0), r.onnx).map((size, i) => size * strides[i]!);
  return ConvTranspose(withBias(r), {
    strides,
    dilations: r.ints('dilations', kernel.map(() => 1)), // biome-ignore format: one call
    pads: padsFor(r, kernel, sizes, auto === 'SAME_UPPER'),
    group: r.int('group', 1),
    output_padding: r.ints('output_padding', zero),
  });
}

/** The padding that makes a transposed convolution give these sizes; `upper` puts the odd cell at the end. */
function padsFor(r: NodeReader, kernel: readonly number[], given: readonly number[], upper: boolean): readonly number[] {
  const ones = kernel.map(() => 1);
  const sizes = given.slice(-kernel.length);
  const [strides, dilations] = [r.ints('strides', ones), r.ints('dilations', ones)];
  const extra = r.ints('output_padding', ones.map(() => 0)); // biome-ignore format: one call
  const covered = reach(kernel, { dilations });
  const totals = spatialSizes(r.input(0), r.onnx).map(
    (size, i) => strides[i]! * (size - 1) + extra[i]! + covered[i]! - sizes[i]!,
  );
  if (totals.some((t) => t < 0)) throw new Unreadable('its output_shape is larger than the kernel reaches');
  const less = totals.map((t) => Math.floor(t / 2));
  const more = totals.map((t, i) => t - less[i]!);
  return upper ? [...less, ...more] : [...more, ...less];
}

/** Every entry of this file. */
export const convOps: readonly Op[] = [Conv as Op, ConvInputGrad as Op, ConvWeightGrad as Op, ConvTranspose as Op];

const fusedConv: Import = {
  onnx: 'FusedConv',
  domain: 'com.microsoft',
  read: (r) => {
    const y = readConv(r);
    const name = r.string('activation', '');
    const summed = r.inputs[3] ? add(y, r.input(3)) : y;
    if (name === '') return summed;
    const activation = fusedActivation(name);
    if (!activation) throw new Unreadable(`activation '${name}' is not known`);
    return activation(summed, r.floats('activation_params', []));
  },
};

export const convImports: readonly Import[] = [fusedConv];
