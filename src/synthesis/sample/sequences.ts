import { random } from '../../data/random.ts';
import { chances, drawn, type Sampling } from './chances.ts';

/** Logits of the token behind each of some texts, one text after another, [N, V]. */
export type NextTokens = (
  texts: readonly (readonly number[])[],
) => Promise<{ readonly logits: Float32Array; readonly V: number }>;

export interface SequenceOptions extends Sampling {
  readonly seed: number;
  /** Tokens of a text, those that it starts with included. */
  readonly longest: number;
  /** Ids that end a text; they are no part of it. */
  readonly stops: ReadonlySet<number>;
}

/** A text to be: its number, which names its random numbers, and the ids that it starts with. */
export interface Beginning {
  readonly index: number;
  readonly ids: readonly number[];
}

/**
 * Writes texts on, token by token, all at once. Each has random numbers of its own, so what becomes of it does not depend on which
 * others are written beside it.
 *
 * @returns ids in the order of the beginnings, those included.
 */
export async function writeOn(next: NextTokens, beginnings: readonly Beginning[], options: SequenceOptions): Promise<number[][]> {
  const texts = beginnings.map(({ index, ids }) => ({ ids: [...ids], draws: random(options.seed, 'sampled text', index) }));
  let open = texts.filter(({ ids }) => ids.length < options.longest);
  while (open.length > 0) {
    const { logits, V } = await next(open.map(({ ids }) => ids));
    open = open.filter(({ ids, draws }, row) => {
      const id = drawn(chances(logits.subarray(row * V, (row + 1) * V), options), draws.uniform());
      if (options.stops.has(id)) return false;
      ids.push(id);
      return ids.length < options.longest;
    });
  }
  return texts.map(({ ids }) => ids);
}
