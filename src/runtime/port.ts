import type { Shape, Tensor } from '../graph/type.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda';

/** An ONNX model: in memory, or a file (whose external data is then memory-mapped from beside it). */
export type ModelSource = Uint8Array | { readonly path: string };

export interface SessionOptions {
  /** ONNX Runtime's own optimisation; `all` unless said otherwise. */
  readonly optimisation?: 'disabled' | 'basic' | 'all';
  /** Rewrites of ONNX Runtime to leave out, by name. */
  readonly without?: readonly string[];
}

export interface Port {
  readonly name: string;
  readonly dtype: Tensor['dtype'];
  /** Names where a size is open. */
  readonly shape: Shape;
}

/** A loaded model. */
export interface Session {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Runs once. `fetch` limits the outputs. Feeds are moved to the engine: their buffers must not be used until `run` has returned. */
  run(feeds: Feeds, fetch?: readonly string[]): Promise<Fetched>;
  /** Runs `times` times and returns the milliseconds of each, measured beside the engine, without the transfer of tensors. */
  time(feeds: Feeds, times: number): Promise<readonly number[]>;
  release(): Promise<void>;
}

/** A model with state that stays with the engine from run to run: an input takes what an output gave the time before. */
export interface StatefulSession extends Session {
  /** A copy of the state, by input name. */
  readState(): Promise<Fetched>;
  writeState(state: Feeds): Promise<void>;
  /** Another graph over the same state: each goes on from what the other left. @param links By default the same. */
  beside(model: ModelSource, options?: SessionOptions, links?: readonly StateLink[]): Promise<StatefulSession>;
}

export type Feeds = Readonly<Record<string, Tensor>>;
export type Fetched = Readonly<Record<string, Tensor>>;

/** Pairs an input with the output that replaces it. */
export interface StateLink {
  readonly input: string;
  readonly output: string;
}

/** Where graphs run. One adapter file per engine; the same contract test runs against each. */
export interface Runtime {
  readonly provider: Provider;
  readonly threads: number;
  readonly version: string;
  open(model: ModelSource, options?: SessionOptions): Promise<Session>;
  openStateful(model: ModelSource, links: readonly StateLink[], state: Feeds, options?: SessionOptions): Promise<StatefulSession>;
  /** What the engine makes of a model before it runs it, as an ONNX file: fused operators, of domains of its own too. */
  optimised(model: ModelSource, options?: SessionOptions): Promise<Uint8Array>;
  /** Ends the engine; its sessions are gone. */
  close(): Promise<void>;
}

export interface RuntimeOptions {
  readonly provider?: Provider;
  /** Threads of one session; by default the number of processors that this process may use. */
  readonly threads?: number;
}

/** The engine or the machine cannot do what was asked; the message says what to do. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly fault = 'environment';
}
