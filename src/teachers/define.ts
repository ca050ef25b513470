import type { Shape, Tensor } from '../graph/type.ts';
import { allAtLength } from '../models/tokens.ts';

/** The examples a teacher is asked about. */
export interface Question {
  /** [count, …example], the view that the student sees too. */
  readonly view: Float32Array;
  readonly count: number;
  /** Tokens in a row of a view of texts; null for anything else. */
  readonly length: number | null;
  /** Which examples of the set they are. */
  readonly indices: Uint32Array;
}

/**
 * Anything that turns a batch into named tensors. `logits` is always among them; further names are what methods asked to tap.
 * A student never knows whether they came from a session, a cache or an API.
 */
export interface Teacher {
  /** Shape of one example's part of each output; sizes called `L` are the number of tokens in a row. */
  readonly outputs: ReadonlyMap<string, Shape>;
  /** The same for batches of a length, where they are more than `outputs` at that length. */
  outputsAt?(length: number | null): Promise<ReadonlyMap<string, Shape>>;
  /**
   * [count, …] for each output, valid until the next question.
   * @returns also the memory of the view, which may have been moved to the engine and back.
   */
  answer(question: Question): Promise<Answer>;
}

export interface Answer {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly view: Float32Array;
  /** Takes the memory of the tensors back, by name, when nobody needs it any more. */
  readonly reclaim?: (memory: Readonly<Record<string, Float32Array>>) => void;
}

/** Shape of one example's part of each output of a teacher, for batches of a length. */
export const outputsAt = async (teacher: Teacher, length: number | null): Promise<ReadonlyMap<string, Shape>> =>
  (await teacher.outputsAt?.(length)) ?? allAtLength(teacher.outputs, length);
