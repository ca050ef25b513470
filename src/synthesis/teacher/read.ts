import { type Graph, type Node, nodeOf, type Value } from '../../graph/graph.ts';
import { neededNodes } from '../../graph/needed.ts';
import type { Tensor } from '../../graph/type.ts';
import { fixedNumbers, transposed } from './constants.ts';
import type { RunningStatistics, TeacherFacts } from './facts.ts';

/**
 * Reads off a teacher what it tells about the data that it was trained on.
 *
 * @param graph What it was built into, with its weights as constants.
 * @param logits What it gives, [B, K]; logarithms of probabilities will do.
 */
export const factsOf = (name: string, graph: Graph, logits: Value): TeacherFacts => ({
  name,
  statistics: neededNodes(graph, [logits]).flatMap(statisticsOf),
  lastLayer: lastLayerOf(logits),
});

function statisticsOf({ op, inputs: [input, , , m, v] }: Node): readonly RunningStatistics[] {
  if (op.onnx !== 'BatchNormalization' || !input) return [];
  const [mean, variance] = [fixedNumbers(m), fixedNumbers(v)];
  return mean && variance ? [{ input, mean, variance }] : [];
}

/** Weights of the layer behind logits, a row for each class; null where there is something between that mixes classes. */
function lastLayerOf(logits: Value): Tensor | null {
  const classes = logits.shape.at(-1);
  for (let at: Value | undefined = logits; at; ) {
    const node: Node | undefined = nodeOf(at);
    if (!node) return null;
    const weights = weightsOf[node.op.onnx]?.(node);
    if (weights) return weights.shape[0] === classes ? weights : null;
    at = before[node.op.onnx]?.(node);
  }
  return null;
}

/** [K, D] of a layer that gives K numbers of a vector, or for each place of a picture. */
const weightsOf: Readonly<Record<string, (node: Node) => Tensor | undefined>> = {
  MatMul: ({ inputs: [, w] }) => turned(fixedNumbers(w), true),
  Gemm: ({ inputs: [, w], attrs }) => turned(fixedNumbers(w), attrs.transB === 0),
  Conv: ({ inputs: [, w], attrs }) => {
    const weight = attrs.group === 1 ? fixedNumbers(w) : undefined;
    return weight && { ...weight, shape: [weight.shape[0]!, weight.data.length / weight.shape[0]!] };
  },
};

const turned = (weight: Tensor | undefined, byColumn: boolean): Tensor | undefined =>
  weight?.shape.length === 2 ? (byColumn ? transposed(weight) : weight) : undefined;

const first = ({ inputs: [x] }: Node): Value | undefined => x;

/** The one input that follows from the teacher's, where all the others are constants. */
const moving = ({ inputs }: Node): Value | undefined => {
  const open = inputs.filter((v) => v && !fixedNumbers(v));
  return open.length === 1 ? open[0] : undefined;
};

/** The same where the constant is one number, or one for all classes alike: otherwise rows of weights would count differently. */
const scaled = (node: Node): Value | undefined =>
  node.inputs.every((v) => (fixedNumbers(v)?.data.length ?? 1) === 1) ? moving(node) : undefined;

/** What may lie between the last layer and logits or their probabilities: whatever keeps the classes apart. */
const before: Readonly<Record<string, (node: Node) => Value | undefined>> = {
  Add: moving,
  Sub: moving,
  Mul: scaled,
  Div: scaled,
  Max: moving,
  Clip: first,
  Log: first,
  Softmax: first,
  LogSoftmax: first,
  Relu: first,
  Identity: first,
  Cast: first,
  Reshape: first,
  Transpose: first,
  ReduceMean: first,
  ReduceMax: first,
  AveragePool: first,
  MaxPool: first,
};
