import type { Shape, Tensor } from '../graph/type.ts';

/** The examples a teacher is asked about. */
export interface Question {
  /** [count, …example], the view that the student sees too. */
  readonly view: Float32Array;
  readonly count: number;
  /** Which examples of the set they are. */
  readonly indices: Uint32Array;
}

/**
 * Anything that turns a batch into named tensors. `logits` is always among them; further names are what methods asked to tap.
 * A student never knows whether they came from a session, a cache or an API.
 */
export interface Teacher {
  /** Shape of one example's part of each output. */
  readonly outputs: ReadonlyMap<string, Shape>;
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
