import { z } from 'zod';
import { normalInit } from '../../models/init.ts';
import { softOptions } from '../soft/options.ts';
import { softBatch } from '../soft/tokens.ts';
import { defineInputs } from './define.ts';

/** Logits start so near to each other that no token is far ahead, and not all alike. */
const start = normalInit(0.1);

/** Texts that are optimised: one distribution over the vocabulary for each place, from scratch in each round. */
export const softTokens = defineInputs({
  kind: 'soft-tokens',
  summary: 'Texts that are optimised, each token a distribution over the vocabulary until it is shown.',
  options: z.strictObject({ kind: z.literal('soft-tokens'), ...softOptions }),
  learns: true,
  endless: false,
  build: (options, host) =>
    softBatch(options, host, (places, ids) => host.restarted('logits', [host.batchSize, places, ids], start)),
});
