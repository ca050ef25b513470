import { Graph, type Value } from '../graph/graph.ts';
import { isFloat, showType, type Tensor, type TensorType } from '../graph/type.ts';
import { Unreadable } from '../ops/define.ts';
import { OnnxError } from './error.ts';
import { foreignNode } from './foreign-node.ts';
import type { Model, ModelNode } from './model.ts';
import { nodeReader } from './node-reader.ts';
import { readNode } from './read-node.ts';
import { reads } from './scope.ts';
import { sorted } from './sorted.ts';

/** What an engine found out about a model for one choice of input sizes. */
export interface Knowledge {
  /** Types of computed values by name. */
  readonly types: ReadonlyMap<string, TensorType>;
  /** Values that do not depend on any input, by name. */
  readonly constants: ReadonlyMap<string, Tensor>;
}

/**
 * Makes a graph of a model. Values keep the names of the file in `graph.names`; what the table of operators cannot read stays as
 * a foreign node, if its type is known.
 *
 * @param source The model, for messages.
 * @throws OnnxError if names do not fit together, or the type of a foreign node is not known.
 */
export function toGraph(model: Model, source: string, known: Partial<Knowledge> = {}): Graph {
  const nodes = sorted(model.graph, source);
  const graph = new Graph();
  const constants = known.constants ?? new Map<string, Tensor>();
  const name = (names: readonly string[], values: readonly Value[]): void => {
    names.forEach((n, i) => {
      if (n !== '' && values[i]) graph.names.set(n, values[i]);
    });
  };
  for (const v of model.graph.inputs) {
    if (!v.dtype || !v.shape) throw new OnnxError('unsupported', `${source}: input '${v.name}' is not a tensor of known rank`);
    name([v.name], [graph.input(v.name, { dtype: v.dtype, shape: v.shape })]);
  }
  for (const [key, t] of model.graph.initializers) name([key], [graph.constant(t)]);

  const wanted = new Set([...model.graph.nodes.flatMap(reads), ...model.graph.outputs.map((v) => v.name)]);
  const value = (key: string): Value | undefined => (key === '' ? undefined : graph.names.get(key));
  const context: Context = { graph, source, value, constants, types: known.types ?? new Map(), opsets: model.opsets };
  for (const node of nodes) {
    const outputs = node.outputs.slice(0, node.outputs.findLastIndex((key) => wanted.has(key)) + 1);
    if (outputs.length === 0) continue;
    graph.scoped(node.name || outputs.find((key) => key !== '')!, () => {
      const made = folded(graph, outputs, constants, (t) => !isFloat(t.dtype)) ?? readOrKeep(node, outputs, context);
      name(outputs, made);
    });
  }
  for (const v of model.graph.outputs) graph.output(v.name, graph.names.get(v.name)!);
  return graph;
}

interface Context extends Knowledge {
  readonly graph: Graph;
  readonly source: string;
  readonly value: (key: string) => Value | undefined;
  readonly opsets: ReadonlyMap<string, number>;
}

/** The outputs of a node as constants, if all of them are known and fit. */
function folded(
  graph: Graph,
  outputs: readonly string[],
  constants: ReadonlyMap<string, Tensor>,
  fits: (t: Tensor) => boolean,
): readonly Value[] | undefined {
  const tensors = outputs.map((key) => constants.get(key));
  if (!tensors.every((t, i) => outputs[i] === '' || (t && fits(t)))) return undefined;
  return tensors.map((t) => (t ? graph.constant(t) : graph.scalar(0)));
}

function readOrKeep(node: ModelNode, outputs: readonly string[], context: Context): readonly Value[] {
  const { graph, source, value, constants, types, opsets } = context;
  const inputs = node.inputs.map(value);
  const reader = nodeReader(node, {
    graph,
    opset: opsets.get(node.domain) ?? 1,
    inputs,
    outputs: outputs.length,
    result: types.get(outputs[0]!),
    constants,
  });
  const read = attempt(() => agreed(readNode(node, reader), outputs, types));
  if ('values' in read) return read.values;
  const known = folded(graph, outputs, constants, () => true);
  if (known) return known;

  const wanted = outputs.map((key) => types.get(key));
  const missing = outputs.find((key, i) => key !== '' && !wanted[i]);
  if (missing !== undefined) {
    throw new OnnxError(
      'unsupported',
      `${source}: ${node.op} '${node.name || missing}': ${read.reason}; expected an operator of the table or a known type for '${missing}'`,
    );
  }
  return foreignNode(
    graph,
    { ...node, outputs },
    value,
    wanted.map((t) => t ?? { dtype: 'float32', shape: [] }),
    read.reason,
  );
}

type Attempt = { readonly values: readonly Value[] } | { readonly reason: string };

/** Entries may meet anything in a file: whatever they throw is a reason to keep the node as it is. */
function attempt(read: () => readonly Value[]): Attempt {
  try {
    return { values: read() };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Refuses a reading that says something else about its outputs than the engine. */
function agreed(values: readonly Value[], outputs: readonly string[], types: Knowledge['types']): readonly Value[] {
  outputs.forEach((key, i) => {
    const expected = types.get(key);
    const v = values[i];
    if (key === '') return;
    if (!v) throw new Unreadable(`its output ${i} is used, and Potstill has no such output`);
    if (expected && !compatible(v.type, expected)) {
      throw new Unreadable(`Potstill takes its output for ${showType(v.type)}, the engine for ${showType(expected)}`);
    }
  });
  return values;
}

/** Same element type and rank, and no two sizes that differ; names are a matter of taste. */
const compatible = (a: TensorType, b: TensorType): boolean =>
  a.dtype === b.dtype &&
  a.shape.length === b.shape.length &&
  a.shape.every((d, i) => typeof d !== 'number' || typeof b.shape[i] !== 'number' || d === b.shape[i]);
