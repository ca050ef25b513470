import { GraphError } from '../graph/error.ts';
import { nodeOf, type Value } from '../graph/graph.ts';
import { type DType, showType } from '../graph/type.ts';
import { axisOf, constantNumbers, type NodeReader, type Op, op, Unreadable } from './define.ts';
import { atLeast, cast, div, mul, sub } from './elementwise.ts';
import { reduceSum } from './reduce.ts';
import { reshape } from './shape.ts';

/** `axis`: along which scale and zero point hold one value each, where they are not scalars. */
type QuantAttrs = { readonly axis: number };

/** The integers that a quantised type holds. */
const ranges: Partial<Record<DType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

/** A scale or zero point against the value it belongs to. */
const aligned = (v: Value, x: Value, axis: number): Value =>
  v.rank === 0 || v.shape[0] === 1 ? reshape(v, []) : reshape(v, [-1, ...x.shape.slice(axis + 1).map(() => 1)]);

/** Sum of a cotangent over everything that shares one scale. */
const perScale = (g: Value, scale: Value, axis: number): Value => {
  const single = scale.rank === 0 || scale.shape[0] === 1;
  const axes = g.shape.flatMap((_, i) => (single || i !== axis ? [i] : []));
  return reshape(reduceSum(g, axes), scale.shape);
};

/** x / scale + zero point, rounded to an integer type and limited to its range. */
export const QuantizeLinear: Op<QuantAttrs> = op<QuantAttrs>({
  onnx: 'QuantizeLinear',
  attributes: { axis: ['int', 1] },
  infer: ([x, , zero]) => ({ dtype: zero?.dtype ?? 'uint8', shape: x!.shape }),
  vjp: { stops: 'its result is an integer; fakeQuantize passes gradients straight through' },
  read: (r) => {
    const axis = readAxis(r);
    if (r.int('block_size', 0) !== 0) throw new Unreadable('scales in blocks are not read');
    return QuantizeLinear(r.inputs.slice(0, 3), { axis });
  },
});

/** (q − zero point)·scale. */
export const DequantizeLinear: Op<QuantAttrs> = op<QuantAttrs>({
  onnx: 'DequantizeLinear',
  attributes: { axis: ['int', 1] },
  infer: ([q, scale]) => ({ dtype: scale!.dtype, shape: q!.shape }),
  vjp: (g, { inputs: [q, scale, zero], attrs: { axis } }) => {
    const steps = cast(q!, g.dtype);
    const centred = zero ? sub(steps, cast(aligned(zero, q!, axis), g.dtype)) : steps;
    return [null, perScale(mul(g, centred), scale!, axis), null];
  },
  read: (r) => {
    const axis = readAxis(r);
    if (r.int('block_size', 0) !== 0) throw new Unreadable('scales in blocks are not read');
    return straightThrough(r, axis) ?? DequantizeLinear(r.inputs, { axis });
  },
});

const readAxis = (r: NodeReader): number => {
  const { rank } = r.input(0);
  const scalar = r.input(1).rank === 0 || r.input(1).shape[0] === 1;
  return scalar ? 1 : axisOf(r.int('axis', 1), rank, r.onnx);
};

/** A value quantised and brought back at once is one operator, through which gradients pass. */
function straightThrough(r: NodeReader, axis: number): Value | undefined {
  const before = nodeOf(r.input(0));
  if (before?.op !== QuantizeLinear || (before.attrs as QuantAttrs).axis !== axis) return undefined;
  const [x, scale, zero] = before.inputs;
  const same = sameConstant(scale, r.inputs[1]) && (zero === r.inputs[2] || sameConstant(zero, r.inputs[2]));
  return same && zero ? FakeQuantize([x, scale, zero], { axis }) : undefined;
}

const sameConstant = (a: Value | undefined, b: Value | undefined): boolean => {
  if (a === b) return true;
  const [s, t] = [constantNumbers(a), constantNumbers(b)];
  return s !== undefined && t?.length === s.length && s.every((v, i) => v === t[i]);
};

/**
 * Quantises and brings back: what a quantised model will compute, with the gradient of the identity inside the range and none
 * outside (Bengio et al. 2013, straight-through). The scale learns as in LSQ (Esser et al. 2020, eq. 3), without its gradient scale.
 */
export const FakeQuantize: Op<QuantAttrs> = op<QuantAttrs>({
  onnx: 'FakeQuantize',
  domain: 'potstill',
  infer: ([x, scale, zero]) => {
    if (!ranges[zero!.dtype] || scale!.dtype !== x!.dtype) {
      throw new GraphError(
        'dtype-mismatch',
        `FakeQuantize: ${showType(x!.type)} with scale ${showType(scale!.type)} and zero point ${showType(zero!.type)}`,
      );
    }
    return x!.type;
  },
  vjp: (g, { inputs: [x, scale, zero], outputs: [y], attrs: { axis } }) => {
    const [low, high] = ranges[zero!.dtype]!;
    const s = aligned(scale!, x!, axis);
    const z = cast(aligned(zero!, x!, axis), x!.dtype);
    const inside = mul(atLeast(sub(x!, mul(s, sub(low, z)))), atLeast(sub(mul(s, sub(high, z)), x!)));
    const ofScale = div(sub(y!, mul(x!, inside)), s);
    return [mul(g, inside), perScale(mul(g, ofScale), scale!, axis), null];
  },
  lowerings: [
    {
      name: 'pair',
      applies: () => true,
      build: ([x, scale, zero], { axis }) => [
        DequantizeLinear([QuantizeLinear([x, scale, zero], { axis }), scale, zero], { axis }),
      ],
    },
  ],
});

/** x as an integer type with this scale (scalar, or one per element of `axis`) and zero point would hold it. */
export const fakeQuantize = (x: Value, scale: Value, zero: Value, axis = 1): Value => FakeQuantize([x, scale, zero], { axis });

/** Every entry of this file. */
export const quantizeOps: readonly Op[] = [QuantizeLinear as Op, DequantizeLinear as Op, FakeQuantize as Op];
