import type { Tensor } from '../../graph/type.ts';
import type { ModelNode } from '../../onnx/model.ts';
import { intOf } from '../node.ts';

/** What an operator's 8-bit form reads and gives. */
export interface Form {
  /** Places of inputs that are read as 8 bits with a scale of the whole. */
  readonly activations: readonly number[];
  /** Place of the weights, and the axis along which each channel has a scale. */
  readonly weight?: { readonly at: number; readonly axis: number };
  /** Place of a bias that becomes 32 bits. */
  readonly bias?: number;
  /**
   * `float`: the kernel gives float32, and nothing is rounded behind it; `own`: 8 bits with a range of its own; `input`: 8 bits with
   * the scale of its first input.
   */
  readonly result: 'float' | 'own' | 'input';
}

/** What a rule may ask about the graph around a node. */
export interface Facts {
  readonly opset: number;
  /** Product of two activations as 8 bits too. */
  readonly products: boolean;
  /** MatMuls with fewer weights stay as they are. */
  readonly smallest: number;
  /** Contents of a float32 initializer. */
  weight(name: string | undefined): Tensor | undefined;
  isInitializer(name: string | undefined): boolean;
}

interface Rule {
  readonly op: string;
  /** `seed`: worth it by itself; `follows`: only between others that are 8 bits already. */
  readonly kind: 'seed' | 'follows';
  /** The 8-bit form of a node, or why it has none. */
  form(node: ModelNode, facts: Facts): Form | string;
}

const conv: Rule = {
  op: 'Conv',
  kind: 'seed',
  form: (node, { weight, isInitializer }) => {
    const w = weight(node.inputs[1]);
    if (!w) return 'its weights are computed';
    if (node.inputs[2] && !weight(node.inputs[2])) return 'its bias is computed';
    if (intOf(node, 'group', 1) !== 1) return 'a convolution in groups is slower in 8 bits';
    if (isInitializer(node.inputs[0])) return 'its input is a constant';
    return { activations: [0], weight: { at: 1, axis: 0 }, ...(node.inputs[2] && { bias: 2 }), result: 'own' };
  },
};

const matMul: Rule = {
  op: 'MatMul',
  kind: 'seed',
  form: (node, { weight, isInitializer, products, smallest }) => {
    if (isInitializer(node.inputs[0])) return 'its weights are on the left';
    const w = weight(node.inputs[1]);
    if (!w && isInitializer(node.inputs[1])) return 'its weights are not float32';
    if (!w) return products ? { activations: [0, 1], result: 'float' } : 'a product of two activations';
    if (w.shape.length !== 2) return `its weights have ${w.shape.length} axes`;
    if (w.data.length < smallest) return `only ${w.data.length} weights: nothing to gain`;
    return { activations: [0], weight: { at: 1, axis: 1 }, result: 'float' };
  },
};

const gemm: Rule = { op: 'Gemm', kind: 'seed', form: () => 'its weights are computed, or its input is transposed' };

/** Operators that ONNX Runtime has in 8 bits, and that pay only where nothing has to be converted for them. */
const between = (op: string): Rule => ({ op, kind: 'follows', form: () => ({ activations: [0], result: 'own' }) });

/** Operators that move or choose values. */
const moves = (op: string, opset = 1): Rule => ({
  op,
  kind: 'follows',
  form: (_, facts) => (facts.opset < opset ? `of opset ${facts.opset}` : { activations: [0], result: 'input' }),
});

/** Operators that join activations. */
const joins = (op: string): Rule => ({
  op,
  kind: 'follows',
  form: (node, { isInitializer }) =>
    node.inputs.some(isInitializer)
      ? 'one of its inputs is a constant'
      : { activations: node.inputs.map((_, i) => i), result: 'own' },
});

const ruleList: readonly Rule[] = [
  conv,
  matMul,
  gemm,
  joins('Add'),
  joins('Concat'),
  between('GlobalAveragePool'),
  between('AveragePool'),
  moves('MaxPool', 12),
  moves('Reshape'),
  moves('Flatten'),
  moves('Transpose'),
  moves('Squeeze'),
  moves('Unsqueeze'),
];

const rules: ReadonlyMap<string, Rule> = new Map(ruleList.map((r) => [r.op, r]));

/** The rule of a node; undefined for operators that always stay float32. */
export const ruleOf = (node: ModelNode): Rule | undefined => (node.domain === '' ? rules.get(node.op) : undefined);

/** Operators that the engine takes into the rounding behind them. */
export const absorbed: ReadonlySet<string> = new Set(['Relu', 'Clip']);
