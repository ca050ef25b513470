import { loadModelFile } from '../data/model-file.ts';
import { Graph } from '../graph/graph.ts';
import { type Inspection, inspect } from '../models/inspect.ts';
import { readModel } from '../onnx/decode.ts';
import { encode } from '../onnx/encode.ts';
import { OnnxError } from '../onnx/error.ts';
import { identity } from '../ops/elementwise.ts';
import type { Runtime, Session } from '../runtime/port.ts';
import { feedsOf, type MeasureOptions, type Timing, timesOf } from './measure.ts';

/** What a model file costs on this machine. */
export interface Profile extends Timing {
  readonly model: string;
  /** Size of the file and of the weights beside it. */
  readonly bytes: number;
  /** null where Potstill cannot read the model; see `notes`. */
  readonly parameters: number | null;
  /** Multiply–accumulates of one example. */
  readonly macs: number | null;
  /** Growth of the process's resident memory from before the model is opened to its highest while a batch runs, in bytes. */
  readonly peakMemory: number;
  readonly engine: { readonly version: string; readonly provider: string; readonly threads: number };
  readonly notes: readonly string[];
}

/**
 * Measures a model file: memory, latency, throughput, and what can be counted. For a true figure of memory, call it before anything
 * else in the process.
 * @throws DataError if there is no such file, OnnxError if it is not a model, RuntimeError if the engine refuses it.
 */
export async function profileModel(path: string, runtime: Runtime, options: MeasureOptions = {}): Promise<Profile> {
  const { timing, peakMemory } = await measured(path, runtime, options);
  const dims = { ...Object.fromEntries(timing.assumed.map((name) => [name, 1])), ...options.dims };
  const counts = await counted(path, runtime, dims);
  return {
    model: path,
    ...timing,
    peakMemory,
    ...counts,
    engine: { version: runtime.version, provider: runtime.provider, threads: runtime.threads },
    notes: [...timing.assumed.map((name) => `'${name}' is open in the file; taken as 1`), ...counts.notes],
  };
}

async function measured(path: string, runtime: Runtime, options: MeasureOptions) {
  await warmEngine(runtime);
  const before = process.memoryUsage.rss();
  const highest = process.resourceUsage().maxRSS;
  const session = await opened(path, runtime);
  try {
    const { batch = 1 } = (await timesOf(session, { ...options, milliseconds: 1 })).throughput;
    await session.run(feedsOf(session.inputs, { ...options, batch }));
    // The process may have been larger before the model was there; then the present size is the best that can be known.
    const now = process.resourceUsage().maxRSS;
    const peak = now > highest ? now * 1024 : process.memoryUsage.rss();
    return { timing: await timesOf(session, options), peakMemory: Math.max(0, peak - before) };
  } finally {
    await session.release();
  }
}

/** Where the engine refuses a file, a damaged one is the user's matter and not the engine's. */
async function opened(path: string, runtime: Runtime): Promise<Session> {
  try {
    return await runtime.open({ path });
  } catch (error) {
    const file = loadModelFile(path);
    readModel(file.bytes, file);
    throw error;
  }
}

/** Loads the engine's library, so that it is not counted as memory of the model. */
async function warmEngine(runtime: Runtime): Promise<void> {
  const graph = new Graph();
  graph.output('y', identity(graph.input('x', { dtype: 'float32', shape: [1] })));
  const session = await runtime.open(encode(graph));
  await session.run({ x: { dtype: 'float32', shape: [1], data: new Float32Array(1) } });
  await session.release();
}

type Counted = Pick<Profile, 'bytes' | 'parameters' | 'macs' | 'notes'>;

async function counted(path: string, runtime: Runtime, dims: Readonly<Record<string, number>>): Promise<Counted> {
  const file = loadModelFile(path);
  try {
    const { bytes, parameters, macs }: Inspection = await inspect(file, runtime, { dims });
    return { bytes, parameters: parameters.total, macs: macs?.total ?? null, notes: [] };
  } catch (error) {
    // The engine runs more models than Potstill can take apart.
    if (!(error instanceof OnnxError)) throw error;
    return { bytes: file.bytes.length, parameters: null, macs: null, notes: [`not counted: ${error.message}`] };
  }
}
