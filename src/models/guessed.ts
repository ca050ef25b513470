import type { Value } from '../graph/graph.ts';
import { atPlaces } from './text/pooling.ts';
import { tokensOf } from './tokens.ts';

/**
 * What a model of a file offers of a batch of texts besides its roles: `mask`, and of texts with something to guess `masked` [N, M, V],
 * its logits at the hidden places, `masked.answers` and `masked.valid`, where it has logits of the vocabulary for each token.
 *
 * @param x [N, 2, L] or [N, 4, L].
 * @param vocabulary Ids that the model knows.
 */
export function guessed(where: string, x: Value, logits: Value, vocabulary: number | undefined): ReadonlyMap<string, Value> {
  const { mask, guesses } = tokensOf(where, x);
  const taps = new Map([['mask', mask]]);
  if (!guesses || logits.rank !== 3 || logits.shape[2] !== vocabulary) return taps;
  return taps
    .set('masked', atPlaces(logits, guesses.places))
    .set('masked.answers', guesses.answers)
    .set('masked.valid', guesses.valid);
}
