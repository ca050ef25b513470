import { isFloat, type Tensor, type TensorType } from '../graph/type.ts';
import { int64s } from '../ops/define.ts';
import type { ModelGraph, ModelNode } from './model.ts';
import { reads, subgraphs } from './scope.ts';
import { sorted } from './sorted.ts';

/** Constants up to this many elements may say sizes, axes, scales; larger ones are weights. */
const smallElements = 1024;
const elements = (t: TensorType): number => t.shape.reduce<number>((n, d) => (typeof d === 'number' ? n * d : Number.NaN), 1);
export const isWeight = (t: Tensor): boolean => isFloat(t.dtype) && elements(t) > smallElements;

/** Operators that give something else each time. */
const drawing: ReadonlySet<string> = new Set([
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
  'Multinomial',
  'Bernoulli',
  'Dropout',
]);

export interface KnownPart {
  /** Values that follow from types alone. */
  readonly values: ReadonlyMap<string, Tensor>;
  /** Computes further values from constants; undefined if there are none. */
  readonly graph: ModelGraph | undefined;
}

/**
 * The part of a graph that computes the same for every input once the sizes are settled: shapes, and what is made of them and of
 * small constants. Products of weights are not in it, so that weights stay what they are.
 */
export function knownPart(graph: ModelGraph, types: ReadonlyMap<string, TensorType>, source: string): KnownPart {
  const values = new Map<string, Tensor>();
  const available = new Set([...graph.initializers].flatMap(([name, t]) => (isWeight(t) ? [] : [name])));
  const nodes: ModelNode[] = [];
  for (const node of sorted(graph, source)) {
    const shape = shapeOf(node, graph, types);
    if (shape) {
      values.set(node.outputs[0]!, shape);
      available.add(node.outputs[0]!);
      continue;
    }
    if (!isKnown(node, available) || !node.outputs.every((name) => name === '' || fits(types.get(name)))) continue;
    nodes.push(node);
    for (const name of node.outputs) if (name !== '') available.add(name);
  }
  if (nodes.length === 0) return { values, graph: undefined };

  const used = new Set(nodes.flatMap(reads));
  const initializers = new Map([...graph.initializers, ...values].filter(([name]) => used.has(name)));
  const outputs = nodes.flatMap((n) => n.outputs.filter((name) => name !== ''));
  return {
    values,
    graph: {
      name: 'known',
      inputs: [],
      outputs: outputs.map((name) => ({ name, dtype: undefined, shape: undefined })),
      initializers,
      nodes,
      values: new Map(),
    },
  };
}

const isKnown = (node: ModelNode, available: ReadonlySet<string>): boolean =>
  !drawing.has(node.op) &&
  subgraphs(node).length === 0 &&
  node.inputs.some((name) => name !== '') &&
  node.inputs.every((name) => name === '' || available.has(name));

/** Whether a value is worth knowing and fits into memory: numbers of a shape, or something small. */
const fits = (t: TensorType | undefined): boolean => {
  if (!t || t.dtype === 'string') return false;
  return elements(t) <= (isFloat(t.dtype) ? smallElements : 1 << 20);
};

/** What Shape and Size say about a value of known type. */
function shapeOf(node: ModelNode, graph: ModelGraph, types: ReadonlyMap<string, TensorType>): Tensor | undefined {
  const answer = node.domain === '' ? shapeQuestions[node.op] : undefined;
  const name = node.inputs[0] ?? '';
  const input = graph.inputs.find((v) => v.name === name);
  const shape = types.get(name)?.shape ?? input?.shape ?? graph.initializers.get(name)?.shape;
  if (!answer || !shape?.every((d) => typeof d === 'number')) return undefined;
  return answer(shape as readonly number[], node);
}

const shapeQuestions: Readonly<Record<string, (shape: readonly number[], node: ModelNode) => Tensor>> = {
  Shape: (shape, node) => {
    const bound = (name: string): number | undefined => {
      const a = node.attributes.get(name);
      return a?.kind === 'int' ? Number(a.value) : undefined;
    };
    return int64s(shape.slice(bound('start') ?? 0, bound('end')));
  },
  Size: (shape) => ({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(shape.reduce((a, b) => a * b, 1))) }),
};
