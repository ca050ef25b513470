import { type Tensor, tensor } from '../../graph/type.ts';
import { ModelError } from '../error.ts';
import { symmetricEigen } from './eigen.ts';

/** How often words are supposed to come: the r-th word of the vocabulary in proportion to 1 / (r + 1), as Zipf's law has it. */
const zipf = (words: number): Float64Array => {
  const shares = Float64Array.from({ length: words }, (_, i) => 1 / (i + 2));
  const total = shares.reduce((a, b) => a + b, 0);
  return shares.map((s) => s / total);
};

const sharesOf = (counts: ArrayLike<number>): Float64Array => {
  const total = Math.max(1, Array.from(counts).reduce((a, b) => a + b, 0)); // biome-ignore format: one call
  return Float64Array.from(counts, (c) => c / total);
};

/** Places of the words when they are sorted by how often they come, from 1 on; of equals the earlier word comes first. */
const ranksOf = (shares: Float64Array): Float64Array => {
  const ranks = new Float64Array(shares.length);
  Array.from(shares, (_, i) => i)
    .sort((a, b) => shares[b]! - shares[a]! || a - b)
    .forEach((word, i) => {
      ranks[word] = i + 1;
    });
  return ranks;
};

/** Weights of words by their share of all text. Common words say little of what a text is about. */
const weightings = {
  none: (shares: Float64Array) => shares.map(() => 1),
  /** log(1 + rank). Tulkens & van Dongen 2024, model2vec. */
  zipf: (shares: Float64Array) => ranksOf(shares).map((rank) => Math.log(1 + rank)),
  /** a / (a + share) with a = 10⁻⁴. Arora et al. 2017, "A simple but tough-to-beat baseline for sentence embeddings". */
  sif: (shares: Float64Array) => shares.map((share) => 1e-4 / (1e-4 + share)),
} as const satisfies Record<string, (shares: Float64Array) => Float64Array>;

export type WordWeighting = keyof typeof weightings;
export const wordWeightings = Object.keys(weightings) as readonly WordWeighting[];

export interface StaticOptions {
  /** Numbers per word that are kept; as many as the teacher has, and words less one, are the most. */
  readonly size: number;
  /** `sif` unless told. */
  readonly weighting?: WordWeighting;
  /** How often each word comes in some text. By Zipf's law unless told, the vocabulary being in order. */
  readonly counts?: ArrayLike<number>;
}

/**
 * A table of word vectors that needs no training, from what a teacher says of each word alone: the directions in which the words differ
 * most, then a weight for each word. As the word vectors of `bag` its mean is a student. Tulkens & van Dongen 2024, model2vec.
 *
 * @param vectors What the teacher gives for each word of the vocabulary, [V, D].
 * @returns [V, size].
 * @throws ModelError `bad-option` if there are not so many directions or not as many counts as words, or where the teacher gave no
 * numbers.
 */
export function staticEmbeddings(vectors: Tensor, { size, weighting = 'sif', counts }: StaticOptions): Tensor {
  const [words, width] = vectors.shape as readonly [number, number];
  if (size > Math.min(width, words - 1)) {
    throw new ModelError(
      'bad-option',
      `static embeddings: ${size} numbers per word were asked for; ${words} words with ${width} numbers each give at most ${Math.min(width, words - 1)}`,
    );
  }
  if (counts && counts.length !== words) {
    throw new ModelError('bad-option', `static embeddings: ${counts.length} counts for ${words} words; give one for each`);
  }
  const strange = vectors.data.findIndex((v) => !Number.isFinite(Number(v)));
  if (strange >= 0) {
    const word = Math.floor(strange / width);
    throw new ModelError(
      'bad-option',
      `static embeddings: the teacher gives ${vectors.data[strange]} for word ${word}; expected numbers`,
    );
  }
  const weights = weightings[weighting](counts ? sharesOf(counts) : zipf(words));
  const reduced = principal(vectors, size);
  return tensor('float32', [words, size], reduced.map((v, i) => v * weights[Math.floor(i / size)]!)); // biome-ignore format: one call
}

/** Coordinates of rows, taken from their mean, along the directions of the largest variance: [V, size]. */
function principal({ shape, data }: Tensor, size: number): Float64Array {
  const [rows, width] = shape as readonly [number, number];
  const means = new Float64Array(width);
  for (let i = 0; i < rows * width; i++) means[i % width]! += Number(data[i]) / rows;
  const covariance = new Float64Array(width * width);
  const centred = new Float64Array(width);
  const centre = (row: number): void => {
    for (let j = 0; j < width; j++) centred[j] = Number(data[row * width + j]) - means[j]!;
  };
  for (let row = 0; row < rows; row++) {
    centre(row);
    for (let i = 0; i < width; i++) {
      const x = centred[i]!;
      for (let j = i; j < width; j++) covariance[i * width + j]! += x * centred[j]!;
    }
  }
  for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) covariance[i * width + j] = covariance[j * width + i]!;
  const directions = symmetricEigen(covariance, width).vectors.slice(0, size);
  const result = new Float64Array(rows * size);
  for (let row = 0; row < rows; row++) {
    centre(row);
    directions.forEach((direction, k) => {
      let sum = 0;
      for (let j = 0; j < width; j++) sum += centred[j]! * direction[j]!;
      result[row * size + k] = sum;
    });
  }
  return result;
}

/**
 * Every word of a vocabulary as a text of its own, between the marks that a tokenizer puts around a text: tokens [V, 2, L].
 *
 * @param before Ids in front of a text, `[CLS]` for one.
 * @param after Ids behind it.
 */
export function wordsAsTexts(vocabulary: number, before: readonly number[], after: readonly number[]): Tensor {
  const length = before.length + 1 + after.length;
  const ones = Array<number>(length).fill(1);
  const texts = Array.from({ length: vocabulary }, (_, id) => [...before, id, ...after, ...ones]);
  return tensor('float32', [vocabulary, 2, length], texts.flat());
}
