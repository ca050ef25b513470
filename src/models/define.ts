import type { Graph, Value } from '../graph/graph.ts';
import type { Shape, Tensor } from '../graph/type.ts';
import type { NamedTensor } from './named-tensor.ts';

/** Draws of one stream; `data/random.ts` has the generator. */
export interface Draws {
  uniform(): number;
  normal(): number;
}

/** Fills with numbers of one stream; `data/random.ts` has the generator. */
export interface Fills {
  fillUniform(into: Float32Array): void;
  fillKept(into: Uint8Array, share: number): void;
}

/** Fills a new parameter. */
export type Init = (into: Float32Array, draws: Draws) => void;

/**
 * What a model asks of whoever builds it. The same model is built once to train and once to evaluate: `training` is a fact about
 * the graph under construction, never a flag inside of it.
 */
export interface BuildContext {
  readonly graph: Graph;
  readonly training: boolean;
  /** A trained tensor; asking again for a name gives the same value. */
  param(name: string, shape: readonly number[], init: Init): Value;
  /** A tensor that is kept and updated but not trained (running statistics). `next` is what it becomes after this step. */
  buffer(name: string, shape: readonly number[], init: Init): { readonly value: Value; update(next: Value): void };
  /** Uniform numbers in [0, 1), new in every step; only where `training`. */
  uniform(name: string, shape: Shape): Value;
  /** 0 for a share of the places, drawn anew in every step, and 1 / (1 − share) elsewhere; only where `training`. */
  kept(name: string, shape: Shape, share: number): Value;
  /** Prefixes the names of parameters, buffers and node labels: `scope('layer1', …)` makes `layer1.weight`. */
  scope<T>(name: string, build: () => T): T;
  /** Declares an intermediate value as something that can be distilled from, by role (`hidden.3`, `attention.0`). */
  tap(role: string, value: Value): void;
}

/** A student (or home-made teacher): a function from values to logits with named parameters. */
export interface Model {
  /** Short name with its sizes, e.g. `resnet-8`. */
  readonly name: string;
  /**
   * @param x One batch of inputs as the model wants them: [N, C, H, W], [N, D], or tokens [N, 2, L].
   * @returns logits [N, K] for K classes, or predictions [N, T] for regression.
   */
  build(ctx: BuildContext, x: Value): Value;
  /**
   * Has to have ended before `build` gets a batch of this shape, where it is there: what an imported graph computes for given sizes is
   * found out by an engine, which takes time. Sizes may be names; settled shapes cost nothing again.
   */
  prepare?(x: Shape): Promise<void>;
  /** How many ids of tokens it knows, where that comes from a file. */
  readonly vocabulary?: number | undefined;
  /** How the file is fed and what it answers, where `file` can write one. */
  readonly signature?: Signature | undefined;
  /**
   * The file that the model comes from with trained weights, everything else as its exporter wrote it; null where the file lacks a part
   * of the model.
   *
   * @param weights By the names of parameters and buffers.
   * @param metadata Added to what the file says of itself.
   * @throws OnnxError `unsupported` beyond 2 GB.
   */
  file?(weights: ReadonlyMap<string, Tensor>, metadata?: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> | null;
}

/** Inputs of a file, and its output with logits [N, K]. */
export interface Signature {
  readonly inputs: readonly NamedTensor[];
  readonly logits: string;
}

/** Sizes that a model gets from the data. */
export interface ModelShape {
  /** One example: [C, H, W], [D], or [2, longest] for tokens. */
  readonly input: readonly number[];
  /** Classes, or values; 0 where the vector that it makes of an example is all that is wanted. */
  readonly outputs: number;
  /** Every token of a text gets its own outputs: [N, L, outputs]. */
  readonly perToken?: true | undefined;
  /** Of tokens: how many different ids there are. */
  readonly vocabulary?: number;
}
