import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Tensor } from '../graph/type.ts';
import {
  type Feeds,
  type Fetched,
  type ModelSource,
  type Port,
  type Provider,
  type Runtime,
  RuntimeError,
  type RuntimeOptions,
  type Session,
  type SessionOptions,
  type StatefulSession,
  type StateLink,
} from './port.ts';

/** What to do where an execution provider is not there. */
const advice: Readonly<Record<Provider, string>> = {
  cpu: 'reinstall onnxruntime-node for this platform',
  webgpu:
    'WebGPU needs a Vulkan, Metal or D3D12 driver (on Linux also libvulkan1), and is not built for Linux on arm64; use provider: cpu',
  cuda: 'CUDA needs an NVIDIA driver, CUDA 12 with cuDNN 9, and the CUDA files of onnxruntime-node (run its install script: `npm rebuild onnxruntime-node --ignore-scripts=false`); use provider: cpu',
};

/**
 * Rewrites of ONNX Runtime that cost more than they save. Its CPU kernel of the sum of two values and their layer normalisation in one
 * takes several times as long as a sum and a layer normalisation: 12 % of the forward pass of an encoder of 4 layers of 256.
 */
const harmful: Readonly<Record<Provider, readonly string[]>> = { cpu: ['SkipLayerNormFusion'], webgpu: [], cuda: [] };

/**
 * Session options that training wants: without the memory pattern, which would hold a second block as large as all activations, and
 * with threads that give up spinning after 0.1 ms, since other work is done between runs.
 */
const sessionOptions = (provider: Provider, threads: number, { optimisation = 'all', without = [] }: SessionOptions) => ({
  executionProviders: [provider],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  graphOptimizationLevel: optimisation,
  enableMemPattern: false,
  logSeverityLevel: 4,
  extra: {
    session: { intra_op: { spin_duration_us: '100' }, set_denormal_as_zero: '1' },
    optimization: { disable_specified_optimizers: [...harmful[provider], ...without].join(';') },
  },
});

interface Opened {
  readonly id: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

interface Answer {
  readonly call: number;
  readonly result?: unknown;
  readonly returned?: Feeds;
  readonly error?: string;
}

/** A session that may have state, its own or that of another session. */
type Link = { readonly links: readonly StateLink[]; readonly state: Feeds | { readonly of: number } };

/**
 * ONNX Runtime in a worker thread.
 * @throws RuntimeError when the engine cannot be loaded or a session needs a provider that is not there.
 */
export function ortNode({ provider = 'cpu', threads = availableParallelism() }: RuntimeOptions = {}): Runtime {
  const pending = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  let calls = 0;
  let broken: Error | undefined;
  let engine: { readonly worker: Worker; readonly loaded: Promise<void> } | undefined;

  const fail = (error: Error): void => {
    broken = new RuntimeError(`ONNX Runtime could not be loaded: ${error.message}; ${advice.cpu}`);
    for (const { reject } of pending.values()) reject(broken);
    pending.clear();
  };
  const start = () => {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url));
    // An idle engine does not keep the process alive; a call in flight does.
    worker.unref();
    worker.on('message', (answer: Answer) => {
      const waiting = pending.get(answer.call);
      if (!waiting) return;
      pending.delete(answer.call);
      if (pending.size === 0) worker.unref();
      if (answer.error !== undefined) waiting.reject(new RuntimeError(`ONNX Runtime: ${answer.error}`));
      else waiting.resolve(answer);
    });
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`its thread ended (${code})`)));
    const loaded = new Promise<void>((resolve) => {
      for (const event of ['message', 'error', 'exit']) worker.once(event, () => resolve());
    });
    return { worker, loaded };
  };

  const underway = new Set<Promise<Answer>>();
  const call = (method: string, args: object, moved: readonly ArrayBuffer[] = []): Promise<Answer> => {
    const answer = new Promise<Answer>((resolve, reject) => {
      if (broken) return reject(broken);
      engine ??= start();
      const id = ++calls;
      pending.set(id, { resolve, reject });
      engine.worker.ref();
      engine.worker.postMessage({ call: id, method, args }, moved as ArrayBuffer[]);
    });
    underway.add(answer);
    const forget = (): void => void underway.delete(answer);
    answer.then(forget, forget);
    return answer;
  };

  const open = async (model: ModelSource, options: SessionOptions, { links, state }: Link): Promise<StatefulSession> => {
    let opened: Opened;
    try {
      const answer = await call('open', { model, options: sessionOptions(provider, threads, options), links, state });
      opened = answer.result as Opened;
    } catch (error) {
      if (provider === 'cpu' || !(error instanceof RuntimeError)) throw error;
      throw new RuntimeError(`provider ${provider}: ${error.message}; ${advice[provider]}`, { cause: error });
    }
    const { id } = opened;
    return {
      inputs: opened.inputs,
      outputs: opened.outputs,
      run: async (feeds, fetch) => {
        const answer = await call('run', { id, feeds, fetch }, buffersOf(feeds));
        if (answer.returned) giveBack(feeds, answer.returned);
        return answer.result as Fetched;
      },
      time: async (feeds, times) => (await call('time', { id, feeds, times })).result as readonly number[],
      readState: async () => (await call('readState', { id })).result as Fetched,
      writeState: async (next) => void (await call('writeState', { id, state: next })),
      beside: (another, more = {}, its = links) => open(another, more, { links: its, state: { of: id } }),
      release: async () => void (await call('release', { id })),
    };
  };

  return {
    provider,
    threads,
    version: engineVersion(),
    open: (model, options = {}): Promise<Session> => open(model, options, { links: [], state: {} }),
    openStateful: (model, links, state, options = {}) => open(model, options, { links, state }),
    optimised: async (model, options = {}) =>
      (await call('optimised', { model, options: sessionOptions(provider, threads, options) })).result as Uint8Array,
    close: async () => {
      if (!engine) return;
      broken ??= new Error('internal: the engine is closed');
      // A thread that is ended while the native library loads, or is at work, takes the whole process with it.
      await Promise.allSettled([engine.loaded, ...underway]);
      engine.worker.removeAllListeners('exit');
      await engine.worker.terminate();
    },
  };
}

/** Moving a buffer to the engine and back makes a new view of the same memory; the caller's tensor gets it. */
function giveBack(feeds: Feeds, returned: Feeds): void {
  for (const [name, t] of Object.entries(returned)) (feeds[name] as { data: Tensor['data'] }).data = t.data;
}

/** Whole buffers can be moved; a view of a part is copied. */
function buffersOf(feeds: Feeds): readonly ArrayBuffer[] {
  const whole = Object.values(feeds).flatMap(({ data }) =>
    data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength ? [data.buffer] : [],
  );
  return [...new Set(whole)];
}

function engineVersion(): string {
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
