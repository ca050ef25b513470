import type { ModelNode } from '../../onnx/model.ts';

/**
 * `half`: computed in half precision, whatever is around; kernels add up in single precision or subtract the largest first.
 * `follows`: in the precision of what it reads.
 */
export type Precision = 'half' | 'follows';

/** What a rule may ask about the graph around a node. */
export interface Facts {
  /** Whether a value is float32 in the file. */
  isSingle(name: string): boolean;
  isInitializer(name: string): boolean;
}

type Rule = (node: ModelNode, facts: Facts) => Precision | undefined;

const half: Rule = () => 'half';
const follows: Rule = () => 'follows';

const each = (rule: Rule, ...ops: readonly string[]): readonly (readonly [string, Rule])[] => ops.map((op) => [`:${op}`, rule]);

const rules: ReadonlyMap<string, Rule> = new Map([
  ...each(half, 'MatMul', 'Gemm', 'Conv', 'ConvTranspose', 'Softmax', 'LayerNormalization'),
  ...each(half, 'BatchNormalization', 'InstanceNormalization', 'GroupNormalization'),
  ...each(follows, 'Add', 'Sub', 'Mul', 'Div', 'Neg', 'Abs', 'Min', 'Max', 'Sqrt', 'Reciprocal', 'Where', 'Clip', 'Erf'),
  ...each(follows, 'Relu', 'LeakyRelu', 'PRelu', 'Elu', 'Selu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Gelu'),
  ...each(follows, 'Identity', 'Dropout', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Expand', 'Tile'),
  ...each(follows, 'Shape', 'Size', 'Concat', 'Split', 'Slice', 'Pad', 'GatherElements', 'GatherND'),
  ...each(follows, 'MaxPool', 'GlobalMaxPool', 'DepthToSpace', 'SpaceToDepth'),
  ...['Gelu', 'FastGelu', 'QuickGelu', 'BiasGelu'].map((op) => [`com.microsoft:${op}`, follows] as const),
  // Tables of weights are large; what is picked out of an input may be whole numbers.
  [':Gather', (node, facts) => (facts.isInitializer(node.inputs[0]!) ? 'half' : 'follows')],
  // Numbers that become whole or truth values have to be exact.
  [':Cast', (node, facts) => (facts.isSingle(node.outputs[0]!) ? 'follows' : undefined)],
]);

/**
 * How a node may be computed; undefined where it stays in single precision: sums and means over many values, powers, exponentials
 * and sines, which leave the range of half precision or its exactness, comparisons, and operators with subgraphs.
 */
export const precisionOf = (node: ModelNode, facts: Facts): Precision | undefined =>
  rules.get(`${node.domain}:${node.op}`)?.(node, facts);
