import type { Value } from '../graph/graph.ts';
import { type Shape, showShape } from '../graph/type.ts';
import { above, cast, max, sub } from '../ops/elementwise.ts';
import { pick } from '../ops/gather.ts';
import { slice } from '../ops/movement.ts';
import { ModelError } from './error.ts';

/** The name of the size that is the number of tokens in a row of a batch. */
export const lengthDim = 'L';

/** A shape in a batch of a length; null: as it is. */
export const atLength = (shape: Shape, length: number | null): Shape =>
  length === null ? shape : shape.map((d) => (d === lengthDim ? length : d));

/** All shapes of a list in a batch of a length. */
export const allAtLength = (shapes: ReadonlyMap<string, Shape>, length: number | null): ReadonlyMap<string, Shape> =>
  new Map([...shapes].map(([name, shape]) => [name, atLength(shape, length)]));

/** A batch of texts as models use it. */
export interface Tokens {
  /** int64 [N, L]. */
  readonly ids: Value;
  /** 1 for tokens and 0 for padding, [N, L]. */
  readonly mask: Value;
  /** Which text of an example a token is of: int64 [N, L], 0 or 1. */
  readonly types: Value;
  /** What is to be guessed; null where nothing was hidden. */
  readonly guesses: Guesses | null;
}

/** Tokens of each text that were hidden, M places at most. */
export interface Guesses {
  /** Where they are, from 0: int64 [N, M]. */
  readonly places: Value;
  /** Their ids: int64 [N, M]. */
  readonly answers: Value;
  /** 1 for places that count, [N, M]. */
  readonly valid: Value;
}

/** Whether tokens of this shape [N, rows, L] come with what is to be guessed. */
export const isGuessed = (x: Shape): boolean => x.length === 3 && x[1] === 4;

/** The shape of tokens with what is to be guessed. */
export const withGuesses = ([, length]: readonly number[]): readonly number[] => [4, length!];

/** Of so many tokens at most one is to be guessed. */
const everyNth = 5;

/** How many tokens of a text of a length are hidden at most. */
export const mostGuesses = (length: number): number => Math.ceil(length / everyNth);

/** Whether one example of this shape is tokens [2, L], or [4, L] with what is to be guessed. */
export const isTokens = (example: Shape): boolean => example.length === 2 && (example[0] === 2 || example[0] === 4);

/**
 * Takes a batch of tokens apart.
 *
 * @param x [N, 2, L]: ids, and 1 or 2 by text, 0 for padding. With what is to be guessed [N, 4, L]: in the next row the places of
 *   hidden tokens, counted from 1, and in the last one their ids, in its first places.
 * @throws ModelError `bad-shape` for anything else.
 */
export function tokensOf(where: string, x: Value): Tokens {
  if (x.rank !== 3 || (x.shape[1] !== 2 && x.shape[1] !== 4)) {
    throw new ModelError(
      'bad-shape',
      `${where}: one example is ${showShape(x.shape.slice(1))}; expected tokens [2, length]; choose another architecture, or data that are texts`,
    );
  }
  const row = (i: number): Value => pick(x, i, 1);
  const texts = row(1);
  return {
    ids: cast(row(0), 'int64'),
    mask: above(texts),
    types: cast(max(sub(texts, 1), 0), 'int64'),
    guesses: isGuessed(x.shape) ? guessesOf(row(2), row(3)) : null,
  };
}

function guessesOf(places: Value, answers: Value): Guesses {
  const most = mostGuesses(places.shape[1] as number);
  const first = (v: Value): Value => slice(v, [0], [most], [1]);
  const counted = first(places);
  return { places: cast(max(sub(counted, 1), 0), 'int64'), answers: cast(first(answers), 'int64'), valid: above(counted) };
}
