import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { type Graph, inputName, type Value } from '../../src/graph/graph.ts';
import type { DType, Tensor, TensorData } from '../../src/graph/type.ts';
import { encode } from '../../src/onnx/encode.ts';
import { blockIn, blockProbe } from '../../src/ops/blocked.ts';
import type { Target } from '../../src/ops/define.ts';
import { rebuild } from '../../src/passes/copy.ts';
import { type Choose, lower } from '../../src/passes/lower.ts';

export type Feeds = Readonly<Record<string, Tensor>>;

export interface Session {
  run(feeds: Feeds): Promise<Readonly<Record<string, Tensor>>>;
  close(): Promise<void>;
}

export const cpu: Target = { provider: 'cpu', block: 0 };

/** A graph that is lowered already, ready to run. */
export const openGraph = (graph: Graph): Promise<Session> => openBytes(encode(graph));

/** A graph with only these outputs, ready to run in ONNX Runtime on one thread. */
export async function open(outputs: Readonly<Record<string, Value>>, choose?: Choose, target = cpu): Promise<Session> {
  const graph = lowered(outputs, choose, target);
  const session = await openBytes(encode(graph));
  const wanted = new Set(graph.inputs.map((v) => inputName(v)!));
  return {
    ...session,
    run: (feeds) => session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.has(name)))),
  };
}

/** A copy of a graph that has these outputs only, in operators that a file can hold. */
export const lowered = (outputs: Readonly<Record<string, Value>>, choose?: Choose, target = cpu): Graph =>
  lower(withOutputs(outputs), target, choose);

/** A file, ready to run. */
export async function openBytes(bytes: Uint8Array): Promise<Session> {
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    enableMemPattern: false,
    logSeverityLevel: 3,
  });
  return {
    run: async (feeds) => {
      const given = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, toOrt(t)]));
      const results = await session.run(given);
      return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, fromOrt(t)]));
    },
    close: () => session.release(),
  };
}

/** Values as ONNX Runtime computes them. */
export async function evaluate(
  outputs: Readonly<Record<string, Value>>,
  feeds: Feeds = {},
): Promise<Readonly<Record<string, Tensor>>> {
  const session = await open(outputs);
  const results = await session.run(feeds);
  await session.close();
  return results;
}

function withOutputs(outputs: Readonly<Record<string, Value>>): Graph {
  const [graph] = Object.values(outputs).map((v) => v.graph);
  if (!graph) throw new Error('nothing to evaluate');
  const before = [...graph.outputs];
  graph.outputs.clear();
  for (const [name, v] of Object.entries(outputs)) graph.output(name, v);
  const copy = rebuild(graph);
  graph.outputs.clear();
  for (const [name, v] of before) graph.output(name, v);
  return copy;
}

const toOrt = ({ dtype, shape, data }: Tensor): OrtTensor => new OrtTensor(dtype as 'float32', data as Float32Array, shape);

function fromOrt(t: OrtTensor): Tensor {
  const dtype = t.type as DType;
  return { dtype, shape: t.dims, data: t.data as TensorData };
}

/** A tensor's elements as ordinary numbers. */
export const numbers = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);

/** Channels per block of ONNX Runtime's own layout on this processor. */
export async function blockOfProcessor(): Promise<number> {
  const { graph, x } = blockProbe();
  const session = await openGraph(graph);
  const { y } = await session.run({ x });
  await session.close();
  return blockIn(y!);
}
