import { type Graph, nodeOf, type Value } from '../graph/graph.ts';
import { neededNodes } from '../graph/needed.ts';
import { isFloat, type Shape, type Tensor } from '../graph/type.ts';
import { readModel } from '../onnx/decode.ts';
import type { ReadExternal } from '../onnx/decode-tensor.ts';
import { expandFunctions } from '../onnx/expand.ts';
import { liftConstants } from '../onnx/lift-constants.ts';
import type { Model, ModelGraph } from '../onnx/model.ts';
import { reads, subgraphs } from '../onnx/scope.ts';
import { specOf } from '../ops/define.ts';
import { type Copied, type CopyOptions, copyGraph } from './copy-graph.ts';
import type { NamedTensor } from './named-tensor.ts';
import { batchedTo, newBatch } from './rebatch.ts';
import { type Sizes, shapesFor } from './sizes.ts';
import { type Engine, specialise } from './specialise.ts';

/** An ONNX file in memory; `loadModelFile` of the data layer makes one of a path. */
export interface ModelFile {
  /** What it is called in messages, usually its path. */
  readonly source: string;
  readonly bytes: Uint8Array;
  readonly readExternal?: ReadExternal;
}

/** A value that can be distilled from. */
export interface Tap extends NamedTensor {
  /** The ONNX operator that makes it. */
  readonly op: string;
}

/** Nodes through which no gradient can pass. */
export interface Unsupported {
  readonly op: string;
  readonly reason: string;
  readonly count: number;
  /** Names of the nodes. */
  readonly nodes: readonly string[];
}

/** What a file says about itself. */
export interface ModelFacts {
  readonly source: string;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly string[];
  /** Weights, running statistics included. */
  readonly parameters: readonly NamedTensor[];
  readonly parameterCount: number;
  /** How often the file has each operator, most frequent first; domains other than the standard one are in the name. */
  readonly operators: Readonly<Record<string, number>>;
  readonly opset: number;
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Size of the file and of the weights that it keeps elsewhere. */
  readonly bytes: number;
}

/** An ONNX model as a graph, for one choice of input sizes. */
export interface ImportedModel extends ModelFacts {
  readonly graph: Graph;
  /** Every float value that a node makes, in the order of the file. */
  readonly taps: readonly Tap[];
  readonly unsupported: readonly Unsupported[];
  /** Names of the constants that the file gives names of their own, in its order: what of a graph can be written back. */
  readonly initializers: ReadonlySet<string>;
  /** The same model for other sizes; made once per choice. */
  resized(sizes: Sizes): Promise<ImportedModel>;
  /**
   * Appends the model to another graph.
   *
   * @param inputs By name, with the shapes of this choice of sizes.
   * @returns Values by tensor name.
   */
  instantiate(into: Graph, inputs: Readonly<Record<string, Value>>, options?: CopyOptions): Copied;
}

/**
 * Reads an ONNX model and settles its sizes. Nodes, names and weights are those of the file.
 *
 * @throws OnnxError if it is not a model, or does not run with these sizes.
 */
export async function importModel(file: ModelFile, engine: Engine, sizes: Sizes = {}): Promise<ImportedModel> {
  let bytes = file.bytes.byteLength;
  const readExternal = (location: string): Uint8Array => {
    const outside = file.readExternal!(location);
    bytes += outside.byteLength;
    return outside;
  };
  const read = readModel(file.bytes, { source: file.source, ...(file.readExternal && { readExternal }) });
  const model = expandFunctions(read, file.source);
  const facts = { ...factsOf(model), source: file.source, bytes };
  const initializers = new Set(liftConstants(model.graph).initializers.keys());
  const made = new Map<string, Promise<ImportedModel>>();
  const at = (wanted: Sizes): Promise<ImportedModel> => {
    const shapes = shapesFor(facts.inputs, wanted, file.source);
    const key = JSON.stringify([...shapes]);
    const before = made.get(key);
    if (before) return before;
    const now = build(shapes);
    made.set(key, now);
    now.catch(() => made.delete(key));
    return now;
  };
  const build = async (shapes: ReadonlyMap<string, Shape>): Promise<ImportedModel> => {
    const batch = newBatch(facts.inputs, shapes, file.source);
    const graph = await (batch === undefined
      ? specialise(model, shapes, engine, file.source)
      : batchedTo(model, batch, shapes, engine, file.source));
    return {
      ...facts,
      graph,
      taps: tapsOf(graph, model),
      unsupported: unsupportedIn(graph),
      initializers,
      resized: at,
      instantiate: (into, inputs, options = {}) => copyGraph(graph, into, inputs, options),
    };
  };
  return at(sizes);
}

function factsOf(model: Model): Omit<ModelFacts, 'source' | 'bytes'> {
  const graph = liftConstants(model.graph);
  const parameters = parametersOf(graph);
  return {
    inputs: model.graph.inputs.map((v) => ({ name: v.name, dtype: v.dtype ?? 'string', shape: v.shape ?? [] })),
    outputs: model.graph.outputs.map((v) => v.name),
    parameters,
    parameterCount: parameters.reduce((sum, p) => sum + (p.shape as readonly number[]).reduce((a, b) => a * b, 1), 0),
    operators: countOperators(graph),
    opset: model.opsets.get('') ?? 0,
    producer: model.producer,
    metadata: model.metadata,
  };
}

/** Weights that some node uses, those of subgraphs included. */
function parametersOf(graph: ModelGraph): readonly NamedTensor[] {
  const used = new Set(graph.nodes.flatMap(reads));
  const own = [...graph.initializers]
    .filter(([name, t]) => used.has(name) && isParameter(t))
    .map(([name, t]): NamedTensor => ({ name, dtype: t.dtype, shape: t.shape }));
  return [...own, ...graph.nodes.flatMap((n) => subgraphs(n).flatMap((g) => parametersOf(liftConstants(g))))];
}

function countOperators(graph: ModelGraph): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { op, domain } of graph.nodes) {
    const name = domain ? `${domain}.${op}` : op;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

/** Float tensors; single numbers are settings of the architecture. */
const isParameter = (t: Tensor): boolean => isFloat(t.dtype) && t.shape.length > 0 && t.data.length > 1;

function tapsOf(graph: Graph, model: Model): readonly Tap[] {
  const ops = new Map(model.graph.nodes.flatMap((n) => n.outputs.map((name): [string, string] => [name, n.op])));
  return [...graph.names].flatMap(([name, v]) =>
    isFloat(v.dtype) && v.origin.kind === 'node'
      ? [{ name, dtype: v.dtype, shape: v.shape, op: ops.get(name) ?? nodeOf(v)!.op.onnx }]
      : [],
  );
}

function unsupportedIn(graph: Graph): readonly Unsupported[] {
  const groups = new Map<string, Unsupported>();
  for (const node of neededNodes(graph)) {
    const { vjp } = specOf(node);
    const floats = [node.inputs, node.outputs].every((values) => values.some((v) => v && isFloat(v.dtype)));
    if (typeof vjp === 'function' || 'stops' in vjp || !floats) continue;
    const op = node.op.domain ? `${node.op.domain}.${node.op.onnx}` : node.op.onnx;
    const key = `${op}: ${vjp.unsupported}`;
    const before = groups.get(key)?.nodes ?? [];
    groups.set(key, { op, reason: vjp.unsupported, count: before.length + 1, nodes: [...before, node.label] });
  }
  return [...groups.values()];
}
