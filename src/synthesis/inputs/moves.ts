import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { matmul } from '../../ops/linalg.ts';
import { SynthesisError } from '../error.ts';
import type { Fill, Host } from '../host.ts';
import { continuous } from '../units.ts';
import type { Batch } from './define.ts';

/** Options of how a batch is moved before anybody judges it. */
export const moveOptions = {
  jitter: z
    .int()
    .min(0)
    .default(0)
    .describe('Pictures: the whole batch is rolled by up to so many pixels along both axes, anew in each step'),
  flip: z.boolean().default(false).describe('Pictures: the whole batch is mirrored in every second step, by chance'),
};

interface Moves {
  readonly jitter: number;
  readonly flip: boolean;
}

/**
 * A matrix [n, n] that rolls what is multiplied by it, and then perhaps turns it around: place j of the result is place
 * (j − offset) mod n, or (n − 1 − j − offset) mod n.
 */
const rolling =
  (n: number, { jitter, flip }: Moves, across: boolean): Fill =>
  (into, draws) => {
    const offset = draws.integer(2 * jitter + 1) - jitter;
    const turned = flip && draws.integer(2) === 1;
    into.fill(0);
    for (let j = 0; j < n; j++) {
      const from = ((((turned ? n - 1 - j : j) - offset) % n) + n) % n;
      into[across ? from * n + j : j * n + from] = 1;
    }
  };

/**
 * What judges see of a batch: all of it rolled by some pixels, and mirrored or not, as in Yin et al. 2020 (DeepInversion, arXiv
 * 1912.08795) §3.1. A roll is a product with a permutation matrix of the step, whose gradient is another.
 *
 * @throws SynthesisError for vectors that are to be moved.
 */
export function moved(clean: Value, moves: Moves, host: Host): Batch {
  if (moves.jitter === 0 && !moves.flip) return { clean, seen: clean };
  const example = continuous(host);
  if (example.layout !== 'image') {
    throw new SynthesisError(
      'inputs.jitter, inputs.flip: found vectors, which have no neighbours; expected pictures; leave them out',
    );
  }
  const [, height, width] = example.shape;
  const sideways = matmul(clean, host.perStep('columns', [width, width], rolling(width, moves, true)));
  if (moves.jitter === 0) return { clean, seen: sideways };
  const down = { jitter: moves.jitter, flip: false };
  return { clean, seen: matmul(host.perStep('rows', [height, height], rolling(height, down, false)), sideways) };
}
