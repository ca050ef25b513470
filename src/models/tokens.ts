import type { Value } from '../graph/graph.ts';
import { showShape } from '../graph/type.ts';
import { above, cast, max, sub } from '../ops/elementwise.ts';
import { pick } from '../ops/gather.ts';
import { ModelError } from './error.ts';

/** A batch of texts as models use it. */
export interface Tokens {
  /** int64 [N, L]. */
  readonly ids: Value;
  /** 1 for tokens and 0 for padding, [N, L]. */
  readonly mask: Value;
  /** Which text of an example a token is of: int64 [N, L], 0 or 1. */
  readonly types: Value;
}

/**
 * Takes a batch of tokens apart.
 *
 * @param x [N, 2, L]: ids, and 1 or 2 by text, 0 for padding.
 * @throws ModelError `bad-shape` for anything else.
 */
export function tokensOf(where: string, x: Value): Tokens {
  if (x.rank !== 3 || x.shape[1] !== 2) {
    throw new ModelError(
      'bad-shape',
      `${where}: one example is ${showShape(x.shape.slice(1))}; expected tokens [2, length]; choose another architecture, or data that are texts`,
    );
  }
  const texts = pick(x, 1, 1);
  return { ids: cast(pick(x, 0, 1), 'int64'), mask: above(texts), types: cast(max(sub(texts, 1), 0), 'int64') };
}
