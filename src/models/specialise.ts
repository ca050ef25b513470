import type { Graph } from '../graph/graph.ts';
import type { Shape, Tensor, TensorType } from '../graph/type.ts';
import { OnnxError } from '../onnx/error.ts';
import { takeKnownBranches } from '../onnx/expand.ts';
import { isWeight, knownPart } from '../onnx/known.ts';
import { liftConstants } from '../onnx/lift-constants.ts';
import { type Model, type ModelGraph, type ModelValue, unnamedDim } from '../onnx/model.ts';
import { toGraph } from '../onnx/to-graph.ts';
import { writeModel } from '../onnx/write-model.ts';
import type { Runtime } from '../runtime/port.ts';
import { mergedTypes, openNames, type Trial, trialSizes, withTrial } from './open-sizes.ts';

/** What normalising needs of an engine: to say the types of values, and to compute constants. */
export type Engine = Pick<Runtime, 'open'>;

/** Branches can hold branches; more levels than this are not a model. */
const mostLevels = 32;

/**
 * Reads a model for one choice of input sizes: types of all values come from the engine, values that follow from sizes and
 * constants become constants, Ifs whose condition is then known become the branch that is taken. Nodes, names and weights stay as
 * they are in the file.
 *
 * @param model With functions expanded.
 * @param shapes By input name.
 */
export async function specialise(
  model: Model,
  shapes: ReadonlyMap<string, Shape>,
  engine: Engine,
  source: string,
): Promise<Graph> {
  const inputs = model.graph.inputs.map((v): ModelValue => ({ ...v, shape: shapes.get(v.name) ?? v.shape }));
  let current: Model = { ...model, graph: liftConstants({ ...model.graph, inputs }) };
  for (let level = 0; level < mostLevels; level++) {
    const types = await typesOf(current, engine, source);
    const constants = await constantsOf(current, types, engine, source);
    const truth = (name: string): boolean | undefined => {
      const t = constants.get(name) ?? current.graph.initializers.get(name);
      return t?.dtype === 'bool' && t.data.length === 1 ? t.data[0] === 1 : undefined;
    };
    const graph = takeKnownBranches(current.graph, truth);
    if (graph === current.graph) return toGraph(current, source, { types, constants });
    current = { ...current, graph: liftConstants(graph) };
  }
  throw new OnnxError('damaged', `${source}: branches within branches, more than ${mostLevels} deep`);
}

/**
 * Types of everything that the nodes of a graph compute. For a graph with open sizes they come from two choices of sizes: the
 * engine itself forgets even ranks where shapes are computed from open ones.
 */
async function typesOf(model: Model, engine: Engine, source: string): Promise<ReadonlyMap<string, TensorType>> {
  const trials = trialSizes(openNames(model.graph.inputs.map((v) => v.shape ?? [])));
  if (!trials || trials[0].size === 0) return settledTypes(model, engine, source);
  try {
    const [one, two] = await Promise.all(trials.map((trial) => settledTypes(tried(model, trial), engine, source)));
    return mergedTypes([one!, two!], trials);
  } catch (error) {
    if (!(error instanceof OnnxError) || error.code !== 'sizes') throw error;
    return settledTypes(model, engine, source);
  }
}

/** The model for the sizes of a trial; what the file declares about values between would contradict them. */
const tried = (model: Model, trial: Trial): Model => ({
  ...model,
  graph: {
    ...model.graph,
    values: new Map(),
    inputs: model.graph.inputs.map((v) => ({ ...v, shape: v.shape && withTrial(v.shape, trial) })),
  },
});

async function settledTypes(model: Model, engine: Engine, source: string): Promise<ReadonlyMap<string, TensorType>> {
  const computed = model.graph.nodes.flatMap((n) => n.outputs.filter((name) => name !== ''));
  if (computed.length === 0) return new Map();
  const outputs = computed.map((name): ModelValue => ({ name, dtype: undefined, shape: undefined }));
  // Types do not depend on what is in the weights: without them the engine has nothing to copy.
  const ports = await ask(model, { ...withoutWeights(model.graph), outputs, values: new Map() }, engine, source);
  return ports;
}

function withoutWeights(graph: ModelGraph): ModelGraph {
  const weights = [...graph.initializers].filter(([, t]) => isWeight(t));
  return {
    ...graph,
    inputs: [...graph.inputs, ...weights.map(([name, t]): ModelValue => ({ name, dtype: t.dtype, shape: t.shape }))],
    initializers: new Map([...graph.initializers].filter(([, t]) => !isWeight(t))),
  };
}

async function ask(model: Model, graph: ModelGraph, engine: Engine, source: string): Promise<ReadonlyMap<string, TensorType>> {
  try {
    const session = await engine.open(writeModel({ ...model, graph }), { optimisation: 'basic' });
    await session.release();
    return new Map(
      session.outputs.flatMap(({ name, dtype, shape }): readonly [string, TensorType][] =>
        dtype === 'string' ? [] : [[name, { dtype, shape: shape.map((d, i) => (isNamed(d) ? d : unnamedDim(name, i))) }]],
      ),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const fed = model.graph.inputs.map((v) => `${v.name} [${v.shape?.join(',')}]`).join(', ');
    throw new OnnxError('sizes', `${source}: it does not run with ${fed}: ${reason}; give sizes that it accepts`, error);
  }
}

/** The engine's own marks for unknown sizes are the same for different values. */
const isNamed = (d: number | string): boolean => typeof d === 'number' || (d !== '' && !d.startsWith('?'));

async function constantsOf(
  model: Model,
  types: ReadonlyMap<string, TensorType>,
  engine: Engine,
  source: string,
): Promise<ReadonlyMap<string, Tensor>> {
  const known = knownPart(model.graph, types, source);
  if (!known.graph) return known.values;
  try {
    const session = await engine.open(writeModel({ ...model, graph: known.graph }), { optimisation: 'basic' });
    try {
      return new Map([...known.values, ...Object.entries(await session.run({}))]);
    } finally {
      await session.release();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OnnxError('sizes', `${source}: its constant part cannot be computed: ${reason}; check that the model runs`, error);
  }
}
