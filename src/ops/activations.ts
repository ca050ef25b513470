import type { Value } from '../graph/graph.ts';
import { broadcast } from './broadcast.ts';
import { type Import, type Lowering, type NodeReader, type Op, op, Unreadable } from './define.ts';
import {
  above,
  abs,
  add,
  atLeast,
  erf,
  exp,
  log,
  mul,
  neg,
  reciprocal,
  sigmoid,
  sub,
  tanh,
  type Unary,
  unary,
} from './elementwise.ts';
import { Gemm } from './linalg.ts';
import { clip } from './select.ts';

/** max(x, 0). */
export const relu: Unary = unary('Relu', (g, { y }) => mul(g, above(y)));
export const softsign: Unary = unary('Softsign', (g, { x }) => {
  const shrink = reciprocal(add(1, abs(x)));
  return mul(g, mul(shrink, shrink));
});

type Slope = { readonly alpha: number };
const slope = (otherwise: number) => ({ alpha: ['float', otherwise] as const });

/** 1 where x > 0, `low` elsewhere. */
const bend = (x: Value, low: number): Value => add(mul(above(x), 1 - low), low);

export const LeakyRelu: Op<Slope> = op<Slope>({
  onnx: 'LeakyRelu',
  attributes: slope(0.01),
  pointwise: true,
  lazy: true,
  infer: ([x]) => x!.type,
  vjp: (g, { inputs: [x], attrs: { alpha } }) => [mul(g, bend(x!, alpha))],
});
/** x where positive, alpha·x elsewhere. */
export const leakyRelu = (x: Value, alpha = 0.01): Value => LeakyRelu([x], { alpha });

export const Elu: Op<Slope> = op<Slope>({
  onnx: 'Elu',
  attributes: slope(1),
  pointwise: true,
  lazy: true,
  infer: ([x]) => x!.type,
  // Below zero the slope is alpha·exp(x) = y + alpha.
  vjp: (g, { inputs: [x], outputs: [y], attrs: { alpha } }) => {
    const positive = above(x!);
    return [mul(g, add(positive, mul(sub(1, positive), add(y!, alpha))))];
  },
});
/** x where positive, alpha·(exp(x) − 1) elsewhere. */
export const elu = (x: Value, alpha = 1): Value => Elu([x], { alpha });

type SeluAttrs = { readonly alpha: number; readonly gamma: number };
const selfNormalising = { alpha: 1.6732631921768188, gamma: 1.0507010221481323 };

export const Selu: Op<SeluAttrs> = op<SeluAttrs>({
  onnx: 'Selu',
  attributes: { alpha: ['float', selfNormalising.alpha], gamma: ['float', selfNormalising.gamma] },
  pointwise: true,
  lazy: true,
  infer: ([x]) => x!.type,
  vjp: (g, { inputs: [x], outputs: [y], attrs: { alpha, gamma } }) => {
    const positive = above(x!);
    return [mul(g, add(mul(positive, gamma), mul(sub(1, positive), add(y!, alpha * gamma))))];
  },
});
export const selu = (x: Value): Value => Selu([x], selfNormalising);

/** Elu with a slope of 1 at zero for every alpha. */
export const celu = (x: Value, alpha = 1): Value => (alpha === 1 ? elu(x) : mul(elu(mul(x, 1 / alpha)), alpha));

type Ramp = { readonly alpha: number; readonly beta: number };

export const HardSigmoid: Op<Ramp> = op<Ramp>({
  onnx: 'HardSigmoid',
  attributes: { alpha: ['float', 0.2], beta: ['float', 0.5] },
  pointwise: true,
  lazy: true,
  infer: ([x]) => x!.type,
  vjp: (g, { outputs: [y], attrs: { alpha } }) => [mul(g, mul(mul(above(y!), above(sub(1, y!))), alpha))],
});
/** alpha·x + beta, limited to [0, 1]. The default is PyTorch's (1/6), not ONNX's (0.2). */
export const hardSigmoid = (x: Value, alpha = 1 / 6, beta = 0.5): Value => HardSigmoid([x], { alpha, beta });
/** x·hardSigmoid(x). */
export const hardSwish = (x: Value): Value => mul(x, hardSigmoid(x));

type GeluAttrs = { readonly approximate: string };
const flat = Math.sqrt(2 / Math.PI);
const cubic = 0.044715;
/** Logarithm of the normal density at 0: inside of the exponential it costs nothing. */
const logOfPeak = -0.5 * Math.log(2 * Math.PI);

const geluSlopes: Readonly<Record<string, (x: Value) => Value>> = {
  // Φ(x) + x·φ(x); Φ is half of 1 + erf, which a ramp gives in one pass.
  none: (x) => {
    const t = mul(x, Math.SQRT1_2);
    const density = exp(sub(logOfPeak, mul(t, t)));
    return add(hardSigmoid(erf(t), 0.5, 0.5), mul(x, density));
  },
  tanh: (x) => {
    const square = mul(x, x);
    const t = tanh(mul(x, add(mul(square, flat * cubic), flat)));
    const inner = add(mul(square, 3 * flat * cubic), flat);
    return mul(add(add(t, 1), mul(mul(x, inner), sub(1, mul(t, t)))), 0.5);
  },
};

export const Gelu: Op<GeluAttrs> = op<GeluAttrs>({
  onnx: 'Gelu',
  attributes: { approximate: ['string', 'none'] },
  pointwise: true,
  lazy: true,
  infer: ([x]) => x!.type,
  vjp: (g, { inputs: [x], attrs: { approximate } }) => [mul(g, geluSlopes[approximate]!(x!))],
});
/** x·Φ(x); 'tanh' is the usual approximation of it. */
export const gelu = (x: Value, approximate: 'none' | 'tanh' = 'none'): Value => Gelu([x], { approximate });

/** log(1 + exp(x)). */
export const Softplus: Op = op({
  onnx: 'Softplus',
  pointwise: true,
  lazy: true,
  infer: ([x]) => x!.type,
  vjp: (g, { inputs: [x] }) => [mul(g, sigmoid(x!))],
  lowerings: [
    // The kernel of the CPU provider takes five times as long as this.
    {
      name: 'composed',
      applies: () => true,
      build: ([x]) => [add(relu(x!), log(add(exp(neg(abs(x!))), 1)))],
    },
    {
      name: 'plain',
      applies: ({ inputs: [x] }) => x!.dtype === 'float32',
      build: ([x]) => [softplus(x!)],
    },
  ] satisfies readonly Lowering[],
});
/** log(1 + exp(x)). */
export const softplus = (x: Value): Value => Softplus([x], {});

/** x·sigmoid(alpha·x): SiLU, or QuickGelu with alpha 1.702. */
export const swish = (x: Value, alpha = 1): Value => mul(x, sigmoid(alpha === 1 ? x : mul(x, alpha)));
/** x·sigmoid(x). */
export const silu = (x: Value): Value => swish(x);
/** x·sigmoid(1.702·x). */
export const quickGelu = (x: Value): Value => swish(x, 1.702);
/** x·tanh(softplus(x)). */
export const mish = (x: Value): Value => mul(x, tanh(softplus(x)));
/** x where it is above alpha, else 0. */
export const thresholdedRelu = (x: Value, alpha = 1): Value => mul(x, above(sub(x, alpha)));

/** A learned slope below zero; the slope broadcasts to x. */
export const PRelu: Op = op({
  onnx: 'PRelu',
  broadcasts: true,
  lazy: true,
  infer: ([x, s]) => {
    broadcast(x!.shape, s!.shape, 'PRelu');
    return x!.type;
  },
  vjp: (g, { inputs: [x, s] }) => {
    const negative = sub(1, atLeast(x!));
    return [mul(g, add(mul(negative, sub(s!, 1)), 1)), mul(g, mul(x!, negative))];
  },
});
export const prelu = (x: Value, s: Value): Value => PRelu([x, s], {});

/** Every entry of this file. */
export const activationOps: readonly Op[] = [
  ...[relu.op, softsign.op, LeakyRelu as Op, Elu as Op, Selu as Op],
  ...[HardSigmoid as Op, Gelu as Op, Softplus, PRelu],
];

const composed = (onnx: string, domain: string, build: (x: Value, r: NodeReader) => Value): Import => ({
  onnx,
  domain,
  read: (r) => build(r.input(0), r),
});
const withBias = (r: NodeReader): Value => (r.inputs[1] ? add(r.input(0), r.input(1)) : r.input(0));
const microsoft = 'com.microsoft';

/** Gemm with an activation behind it. */
const fusedGemm: Import = {
  onnx: 'FusedGemm',
  domain: microsoft,
  read: (r) => {
    const name = r.string('activation', '');
    const activation = fused[name];
    if (!activation) throw new Unreadable(`activation '${name}' is not known`);
    const attrs = {
      alpha: r.float('alpha', 1),
      beta: r.float('beta', 1),
      transA: r.int('transA', 0),
      transB: r.int('transB', 0),
    };
    const parameters = ['activation_alpha', 'activation_beta', 'activation_gamma'].filter((p) => r.has(p)).map((p) => r.float(p));
    return activation(Gemm(r.inputs, attrs), parameters);
  },
};

/** Activations that ONNX defines as functions of others, and the contrib operators of ONNX Runtime. */
export const activationImports: readonly Import[] = [
  composed('HardSwish', '', hardSwish),
  composed('Mish', '', mish),
  composed('Celu', '', (x, r) => celu(x, r.float('alpha', 1))),
  composed('ThresholdedRelu', '', (x, r) => thresholdedRelu(x, r.float('alpha', 1))),
  composed('Shrink', '', (x, r) => {
    const [bias, lambd] = [r.float('bias', 0), r.float('lambd', 0.5)];
    const [high, low] = [above(sub(x, lambd)), above(sub(-lambd, x))];
    return add(mul(sub(x, bias), high), mul(add(x, bias), low));
  }),
  composed('Gelu', microsoft, (x) => gelu(x)),
  composed('BiasGelu', microsoft, (_, r) => gelu(withBias(r))),
  composed('FastGelu', microsoft, (_, r) => gelu(withBias(r), 'tanh')),
  composed('QuickGelu', microsoft, (x, r) => swish(x, r.float('alpha', 1.702))),
  fusedGemm,
];

/** Activations that fused operators name, with their parameters. */
const fused: Readonly<Record<string, (x: Value, parameters: readonly number[]) => Value>> = {
  Relu: (x) => relu(x),
  Tanh: (x) => tanh(x),
  Sigmoid: (x) => sigmoid(x),
  LeakyRelu: (x, [alpha]) => leakyRelu(x, alpha),
  HardSigmoid: (x, [alpha, beta]) => hardSigmoid(x, alpha ?? 0.2, beta),
  Softplus: (x) => softplus(x),
  Softsign: (x) => softsign(x),
  Elu: (x, [alpha]) => elu(x, alpha),
  HardSwish: (x) => hardSwish(x),
  Clip: (x, [low, high]) => clip(x, low, high),
};

/** The activation a fused operator ends in; undefined if its name is not known. */
export const fusedActivation = (name: string): ((x: Value, parameters: readonly number[]) => Value) | undefined => fused[name];
