import { GraphError } from '../graph/error.ts';
import { constantOf, type Value } from '../graph/graph.ts';
import { type DType, isFloat, showType } from '../graph/type.ts';
import { broadcast } from './broadcast.ts';
import { type Derivative, type Import, type Op, type Operand, op, toValue, Unreadable } from './define.ts';

type Rule2 = (g: Value, v: { readonly a: Value; readonly b: Value; readonly y: Value }) => readonly (Value | null)[];
type Rule1 = (g: Value, v: { readonly x: Value; readonly y: Value }) => Value;
type Reason = Exclude<Derivative<Record<never, never>>, (...args: never) => unknown>;
type NoAttrs = Record<never, never>;

export type Binary = ((a: Operand, b: Operand) => Value) & { readonly op: Op<NoAttrs> };
export type Unary = ((x: Value) => Value) & { readonly op: Op<NoAttrs> };

/** A broadcasting operator of two values; its rule may ignore broadcasting, `grad` undoes it. */
export function binary(onnx: string, rule: Rule2 | Reason, result?: DType): Binary {
  const entry: Op<NoAttrs> = op<NoAttrs>({
    onnx,
    broadcasts: true,
    pointwise: true,
    lazy: true,
    infer: ([a, b]) => {
      if (a!.dtype !== b!.dtype) {
        throw new GraphError(
          'dtype-mismatch',
          `${onnx}: ${showType(a!.type)} and ${showType(b!.type)} have different element types`,
        );
      }
      return { dtype: result ?? a!.dtype, shape: broadcast(a!.shape, b!.shape, onnx) };
    },
    vjp: typeof rule === 'function' ? (g, { inputs: [a, b], outputs: [y] }) => rule(g, { a: a!, b: b!, y: y! }) : rule,
  });
  const call = (a: Operand, b: Operand): Value => {
    const like = (typeof a === 'number' ? b : a) as Value;
    return entry([toValue(a, like), toValue(b, like)], {});
  };
  return Object.assign(call, { op: entry });
}

/** An operator that maps each element by itself. */
export function unary(onnx: string, rule: Rule1 | Reason, result?: DType): Unary {
  const entry: Op<NoAttrs> = op<NoAttrs>({
    onnx,
    pointwise: true,
    lazy: true,
    infer: ([x]) => ({ dtype: result ?? x!.dtype, shape: x!.shape }),
    vjp: typeof rule === 'function' ? (g, { inputs: [x], outputs: [y] }) => [rule(g, { x: x!, y: y! })] : rule,
  });
  return Object.assign((x: Value): Value => entry([x], {}), { op: entry });
}

const constantAlmostEverywhere = { stops: 'it is constant almost everywhere' };
const logical = { stops: 'truth values carry no gradient' };

export const add: Binary = binary('Add', (g) => [g, g]);
export const sub: Binary = binary('Sub', (g) => [g, neg(g)]);
export const mul: Binary = binary('Mul', (g, { a, b }) => [mul(g, b), mul(g, a)]);
export const div: Binary = binary('Div', (g, { b, y }) => {
  const toFirst = div(g, b);
  return [toFirst, neg(mul(toFirst, y))];
});
/** A negative base has no derivative with respect to the exponent: NaN. */
export const pow: Binary = binary('Pow', (g, { a, b, y }) => [mul(g, powerSlope(a, b)), mul(g, mul(y, log(a)))]);
/** Ties send the gradient to the first operand. */
export const max: Binary = binary('Max', (g, { a, b }) => split(g, not(less(a, b))));
/** Ties send the gradient to the first operand. */
export const min: Binary = binary('Min', (g, { a, b }) => split(g, not(less(b, a))));
/** Remainder with the sign of the divisor (integers). */
export const mod: Binary = binary('Mod', { unsupported: 'Mod is for integers; use x - y * floor(x / y)' });

/** b·a^(b−1); a square, the common case, needs no Pow. */
const powerSlope = (a: Value, b: Value): Value => {
  const exponent = constantOf(b);
  const square = exponent?.data.length === 1 && Number(exponent.data[0]) === 2;
  return square ? mul(a, 2) : mul(b, pow(a, sub(b, 1)));
};

export const equal: Binary = binary('Equal', constantAlmostEverywhere, 'bool');
export const less: Binary = binary('Less', constantAlmostEverywhere, 'bool');
export const lessOrEqual: Binary = binary('LessOrEqual', constantAlmostEverywhere, 'bool');
export const greater: Binary = binary('Greater', constantAlmostEverywhere, 'bool');
export const greaterOrEqual: Binary = binary('GreaterOrEqual', constantAlmostEverywhere, 'bool');
export const and: Binary = binary('And', logical, 'bool');
export const or: Binary = binary('Or', logical, 'bool');
export const xor: Binary = binary('Xor', logical, 'bool');
export const not: Unary = unary('Not', logical, 'bool');

export const neg: Unary = unary('Neg', (g) => neg(g));
export const exp: Unary = unary('Exp', (g, { y }) => mul(g, y));
export const log: Unary = unary('Log', (g, { x }) => div(g, x));
export const sqrt: Unary = unary('Sqrt', (g, { y }) => div(mul(g, 0.5), y));
export const reciprocal: Unary = unary('Reciprocal', (g, { y }) => neg(mul(g, mul(y, y))));
export const abs: Unary = unary('Abs', (g, { x }) => mul(g, direction(x)));
export const sin: Unary = unary('Sin', (g, { x }) => mul(g, cos(x)));
export const cos: Unary = unary('Cos', (g, { x }) => neg(mul(g, sin(x))));
export const tan: Unary = unary('Tan', (g, { y }) => mul(g, add(1, mul(y, y))));
export const asin: Unary = unary('Asin', (g, { x }) => div(g, sqrt(sub(1, mul(x, x)))));
export const acos: Unary = unary('Acos', (g, { x }) => neg(div(g, sqrt(sub(1, mul(x, x))))));
export const atan: Unary = unary('Atan', (g, { x }) => div(g, add(1, mul(x, x))));
export const sinh: Unary = unary('Sinh', (g, { x }) => mul(g, cosh(x)));
export const cosh: Unary = unary('Cosh', (g, { x }) => mul(g, sinh(x)));
export const asinh: Unary = unary('Asinh', (g, { x }) => div(g, sqrt(add(mul(x, x), 1))));
export const acosh: Unary = unary('Acosh', (g, { x }) => div(g, sqrt(sub(mul(x, x), 1))));
export const atanh: Unary = unary('Atanh', (g, { x }) => div(g, sub(1, mul(x, x))));
export const tanh: Unary = unary('Tanh', (g, { y }) => mul(g, sub(1, mul(y, y))));
export const sigmoid: Unary = unary('Sigmoid', (g, { y }) => mul(g, mul(y, sub(1, y))));
/** d erf(x) = 2/sqrt(pi) exp(-x²) dx. */
export const erf: Unary = unary('Erf', (g, { x }) => mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))));
export const sign: Unary = unary('Sign', constantAlmostEverywhere);
export const floor: Unary = unary('Floor', constantAlmostEverywhere);
export const ceil: Unary = unary('Ceil', constantAlmostEverywhere);
export const round: Unary = unary('Round', constantAlmostEverywhere);
export const isNan: Unary = unary('IsNaN', constantAlmostEverywhere, 'bool');
export const isInf: Unary = unary('IsInf', constantAlmostEverywhere, 'bool');
/** A copy: names a value without changing it. */
export const identity: Unary = unary('Identity', (g) => g);

/** The value itself; nothing flows back through it. */
export const stopGradient: Unary = unary('Identity', { stops: 'stopGradient was asked for' });

const split = (g: Value, toFirst: Value): readonly Value[] => {
  const mask = cast(toFirst, g.dtype);
  return [mul(g, mask), mul(g, sub(1, mask))];
};

/** Changes the element type; gradients come back in the type of the input. */
export const Cast: Op<{ to: DType; from: DType }> = op<{ to: DType; from: DType }>({
  onnx: 'Cast',
  lazy: true,
  infer: ([x], { to }) => ({ dtype: to, shape: x!.shape }),
  vjp: (g, { attrs: { from } }) => [isFloat(from) ? cast(g, from) : null],
  emit: (e, inputs, node, outputs) =>
    e.node('Cast', inputs, { to: { kind: 'int', value: dtypeCodes[node.attrs.to as DType] } }, outputs),
  read: (r) => {
    const code = r.int('to');
    const to = (Object.keys(dtypeCodes) as DType[]).find((d) => dtypeCodes[d] === code);
    if (!to) throw new GraphError('bad-attribute', `Cast: the ONNX element type ${code} is not known`);
    return cast(r.input(0), to);
  },
});
export const cast = (x: Value, to: DType): Value => (x.dtype === to ? x : Cast([x], { to, from: x.dtype }));

/** ONNX's TensorProto.DataType. */
export const dtypeCodes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

type Ramp = { readonly alpha: number; readonly beta: number };

/**
 * A ramp so steep that it is a step: 1 or 0 in the type of the input, without comparing and casting (both slower on the CPU).
 * Exact for 0 and for magnitudes from 1e-30 on.
 */
export const Step: Op<Ramp> = op<Ramp>({
  onnx: 'HardSigmoid',
  attributes: { alpha: ['float', 0.2], beta: ['float', 0.5] },
  pointwise: true,
  infer: ([x]) => x!.type,
  vjp: constantAlmostEverywhere,
});
const steep = 1e30;
// HardSigmoid has float32 kernels only, and float16 cannot hold the slope.
const ramps = (x: Value): boolean => x.dtype === 'float32';

/** 1 where x > 0, else 0, in the type of x. */
export const above = (x: Value): Value => (ramps(x) ? Step([x], { alpha: steep, beta: 0 }) : cast(greater(x, 0), x.dtype));
/** 1 where x ≥ 0, else 0, in the type of x. */
export const atLeast = (x: Value): Value =>
  ramps(x) ? Step([x], { alpha: steep, beta: 1 }) : cast(greaterOrEqual(x, 0), x.dtype);
/** −1, 0 or 1: the sign, from a kernel that uses all threads. */
const direction = (x: Value): Value => (ramps(x) ? sub(mul(Step([x], { alpha: steep, beta: 0.5 }), 2), 1) : sign(x));

const folded = (onnx: string, combine: Binary): Import => ({
  onnx,
  domain: '',
  read: (r) => r.inputs.map((_, i) => r.input(i)).reduce((a, b) => combine(a, b)),
});
const powMixed: Import = { onnx: 'Pow', domain: '', read: (r) => pow(r.input(0), cast(r.input(1), r.input(0).dtype)) };
const modulo: Import = {
  onnx: 'Mod',
  domain: '',
  read: (r) => {
    if (r.int('fmod', 0) === 1) throw new Unreadable('fmod has no entry');
    return mod(r.input(0), r.input(1));
  },
};
const infinite: Import = {
  onnx: 'IsInf',
  domain: '',
  read: (r) => {
    if (r.int('detect_negative', 1) !== 1 || r.int('detect_positive', 1) !== 1) throw new Unreadable('one sign only');
    return isInf(r.input(0));
  },
};
const castLike: Import = { onnx: 'CastLike', domain: '', read: (r) => cast(r.input(0), r.input(1).dtype) };
const mean: Import = {
  onnx: 'Mean',
  domain: '',
  read: (r) =>
    mul(
      r.inputs.map((_, i) => r.input(i)).reduce((a, b) => add(a, b)),
      1 / r.inputs.length,
    ),
};

/** For inference; a file that trains keeps its node. */
const dropout: Import = {
  onnx: 'Dropout',
  domain: '',
  read: (r) => {
    if (r.outputs > 1) throw new Unreadable('its mask is used');
    if (r.numbers(2, [0])[0] !== 0) throw new Unreadable('it is in training mode');
    return r.input(0);
  },
};

/** Variadic forms, folded from the left, and forms that differ between versions. */
export const elementwiseImports: readonly Import[] = [
  folded('Sum', add),
  folded('Max', max),
  folded('Min', min),
  mean,
  powMixed,
  modulo,
  infinite,
  castLike,
  dropout,
];

/** Every entry of this file. */
export const elementwiseOps: readonly Op[] = [
  ...[add, sub, mul, div, pow, max, min, mod],
  ...[equal, less, lessOrEqual, greater, greaterOrEqual, and, or, xor, not],
  ...[neg, exp, log, sqrt, reciprocal, abs, sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, acosh, atanh],
  ...[tanh, sigmoid, erf, sign, floor, ceil, round, isNan, isInf, identity, stopGradient],
]
  .map((f): Op => f.op)
  .concat(Cast as Op, Step as Op);
