import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { showType, sizeOf, type TensorType, tensor } from '../graph/type.ts';
import { broadcast } from './broadcast.ts';
import {
  axisOf,
  constantNumbers,
  filled,
  type Import,
  int64s,
  type NodeReader,
  type Op,
  type Operand,
  op,
  toValue,
  Unreadable,
} from './define.ts';
import { add, atLeast, cast, equal, less, max, min, mul, not, sub } from './elementwise.ts';
import { argMax } from './gather.ts';
import { reshape, unsqueeze } from './shape.ts';

/** Elements of the second input where the condition holds, of the third elsewhere. */
export const Where: Op = op({
  onnx: 'Where',
  broadcasts: true,
  lazy: true,
  infer: ([condition, a, b]) => {
    if (a!.dtype !== b!.dtype || condition!.dtype !== 'bool') {
      throw new GraphError(
        'dtype-mismatch',
        `Where: ${showType(condition!.type)}, ${showType(a!.type)}, ${showType(b!.type)}; a truth value and two of one type are needed`,
      );
    }
    return { dtype: a!.dtype, shape: broadcast(condition!.shape, broadcast(a!.shape, b!.shape, 'Where'), 'Where') };
  },
  // Casting and multiplying beats Where on the CPU.
  vjp: (g, { inputs: [condition] }) => [null, mul(g, cast(condition!, g.dtype)), mul(g, cast(not(condition!), g.dtype))],
  read: (r) => where(r.input(0), r.input(1), r.input(2)),
});
/** `a` where the condition (bool) holds, else `b`; one of the two may be a number. */
export const where = (condition: Value, a: Operand, b: Operand): Value => {
  const like = (typeof a === 'number' ? b : a) as Value;
  return Where([condition, toValue(a, like), toValue(b, like)], {});
};

type ClipAttrs = { readonly min: number | undefined; readonly max: number | undefined };

/** Limits elements to a range; at the limits themselves the gradient still passes. */
export const Clip: Op<ClipAttrs> = op<ClipAttrs>({
  onnx: 'Clip',
  pointwise: true,
  lazy: true,
  infer: ([x]) => x!.type,
  vjp: (g, { inputs: [x], attrs: { min: low, max: high } }) => {
    const masks = [
      ...(low === undefined ? [] : [atLeast(low === 0 ? x! : sub(x!, low))]),
      ...(high === undefined ? [] : [atLeast(sub(high, x!))]),
    ];
    return [masks.reduce((part, mask) => mul(part, mask), g)];
  },
  emit: (e, [x], { inputs: [v], attrs }, outputs) => {
    const bound = (n: number | undefined): string => (n === undefined ? '' : e.constant(tensor(v!.dtype, [], [n])));
    const [low, high] = [bound(attrs.min as number | undefined), bound(attrs.max as number | undefined)];
    e.node('Clip', high ? [x!, low, high] : [x!, low], {}, outputs);
  },
  read: (r) => {
    if (r.opset < 11)
      return clip(r.input(0), r.has('min') ? r.float('min') : undefined, r.has('max') ? r.float('max') : undefined);
    const bound = (at: number): Value | number | undefined =>
      r.inputs[at] && (constantNumbers(r.inputs[at])?.[0] ?? r.inputs[at]);
    const [low, high] = [bound(1), bound(2)];
    if (typeof low !== 'object' && typeof high !== 'object') return clip(r.input(0), low, high);
    const raised = low === undefined ? r.input(0) : max(r.input(0), low);
    return high === undefined ? raised : min(raised, high);
  },
});
/** Limits elements to [low, high]; undefined leaves that side open. */
export const clip = (x: Value, low: number | undefined, high: number | undefined): Value =>
  low === undefined && high === undefined ? x : Clip([x], { min: low, max: high });

/** Places of the elements that are not zero, as [rank, how many]. */
export const NonZero: Op = op({
  onnx: 'NonZero',
  infer: ([x]) => ({ dtype: 'int64', shape: [x!.rank, 'nonzero'] }),
  vjp: { stops: 'an index carries no gradient' },
});

/** Every entry of this file. */
export const selectOps: readonly Op[] = [Where, Clip as Op, NonZero];

/** 0, 1, … n − 1 along an axis of a value of some rank. */
const counting = (like: Value, n: number, axis: number, rank: number): Value =>
  like.graph.constant(
    tensor(
      like.dtype,
      Array.from({ length: rank }, (_, i) => (i === axis ? n : 1)),
      Array.from({ length: n }, (_, i) => i),
    ),
  );

/** 1 at the index and 0 elsewhere, along a new axis (the last unless told). Indices outside 0 … depth − 1 give zeros only. */
export function oneHot(at: Value, depth: number, axis = -1): Value {
  const rank = at.rank + 1;
  const place = axisOf(axis, rank, 'OneHot');
  return equal(unsqueeze(at, [place]), counting(at, depth, place, rank));
}

const readOneHot = (r: NodeReader): Value => {
  const [depth] = r.numbers(1);
  const values = r.input(2);
  const at = cast(r.input(0), 'int64');
  const wrapped = where(less(at, 0), add(at, depth!), at);
  const hot = cast(oneHot(wrapped, depth!, r.int('axis', -1)), values.dtype);
  const [off, on] = constantNumbers(values) ?? [];
  if (off === undefined || on === undefined) throw new Unreadable('its values are computed');
  const scaled = on - off === 1 ? hot : mul(hot, on - off);
  return off === 0 ? scaled : add(scaled, off);
};

const readHardmax = (r: NodeReader): Value => {
  const given = r.input(0);
  const axis = axisOf(r.int('axis', r.opset < 13 ? 1 : -1), given.rank, 'Hardmax');
  // Until version 12 the axes from `axis` on counted as one.
  const x = r.opset < 13 ? reshape(given, [sizeOf(given.shape.slice(0, axis)), -1]) : given;
  const at = r.opset < 13 ? 1 : axis;
  const hot = equal(argMax(x, at, true), counting(argMax(x, at, true), x.shape[at] as number, at, x.rank));
  return reshape(cast(hot, x.dtype), given.shape);
};

/** The same of every element type: sources whose arguments are known become constants. */
const readConstant = (r: NodeReader): Value => {
  if (r.has('value')) return r.graph.constant(r.tensor('value'));
  if (r.has('value_float')) return r.graph.constant(tensor('float32', [], [r.float('value_float')]));
  if (r.has('value_int')) return r.graph.constant(tensor('int64', [], [r.int('value_int')]));
  if (r.has('value_ints')) return r.graph.constant(int64s(r.ints('value_ints')));
  if (r.has('value_floats')) {
    const list = r.floats('value_floats');
    return r.graph.constant(tensor('float32', [list.length], list));
  }
  throw new Unreadable('strings and sparse tensors are not read');
};

const readFill = (r: NodeReader): Value => {
  const shape = r.numbers(0);
  const value = r.has('value') ? r.tensor('value') : tensor('float32', [1], [0]);
  const type: TensorType = { dtype: value.dtype, shape };
  return filled(r.graph, type, Number(value.data[0]));
};

const readRange = (r: NodeReader): Value => {
  const [[from], [to], [step]] = [r.numbers(0), r.numbers(1), r.numbers(2)];
  const n = Math.max(0, Math.ceil((to! - from!) / step!));
  return r.graph.constant(
    tensor(
      r.input(0).dtype,
      [n],
      Array.from({ length: n }, (_, i) => from! + i * step!),
    ),
  );
};

const readEye = (r: NodeReader): Value => {
  const x = r.input(0);
  const [rows, columns] = x.shape;
  if (typeof rows !== 'number' || typeof columns !== 'number') throw new Unreadable('its size is not known');
  if (r.has('dtype')) throw new Unreadable('its type differs from that of its input');
  const k = r.int('k', 0);
  const values = Array.from({ length: rows * columns }, (_, i) => Number((i % columns) - Math.floor(i / columns) === k));
  return r.graph.constant(tensor(x.dtype, [rows, columns], values));
};

export const selectImports: readonly Import[] = [
  { onnx: 'OneHot', domain: '', read: readOneHot },
  { onnx: 'Hardmax', domain: '', read: readHardmax },
  { onnx: 'Constant', domain: '', read: readConstant },
  { onnx: 'ConstantOfShape', domain: '', read: readFill },
  { onnx: 'Range', domain: '', read: readRange },
  { onnx: 'EyeLike', domain: '', read: readEye },
];
