import { existsSync } from 'node:fs';
import { isHubReference } from '../data/hub/reference.ts';
import { resolveModel } from '../data/hub/resolve.ts';
import { FileError } from '../run/files.ts';
import { ortNode } from '../runtime/ort-node.ts';
import type { Provider, Runtime } from '../runtime/port.ts';
import { hubOf } from './hub.ts';
import type { Io } from './io.ts';
import { choice, count } from './option.ts';

/** Options of everything that runs a model. */
export const engineOptions = {
  threads: count('n', 'Threads of the engine', { fallback: 'all processors' }),
  provider: choice(['cpu', 'webgpu', 'cuda'], 'Where the engine runs', { fallback: 'cpu' }),
} as const;

interface Asked {
  readonly threads: number | undefined;
  readonly provider: Provider | undefined;
}

/** An engine for the time of some work. */
export async function withEngine<T>({ threads, provider }: Asked, work: (runtime: Runtime) => Promise<T>): Promise<T> {
  const runtime = ortNode({ ...(threads !== undefined && { threads }), ...(provider && { provider }) });
  try {
    return await work(runtime);
  } finally {
    await runtime.close();
  }
}

/** The path of a model file that is there, or that was fetched by its name of the Hugging Face Hub. @throws FileError, DataError */
export async function modelPath(path: string, io: Pick<Io, 'stderr'>): Promise<string> {
  if (isHubReference(path)) return resolveModel(path, { folder: '.', hub: hubOf(io) }, 'model');
  if (!existsSync(path)) throw new FileError(`${path}: no such file; expected an ONNX model`, 'user');
  return path;
}
