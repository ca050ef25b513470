import { z } from 'zod';
import { exp, mul } from '../../ops/elementwise.ts';
import { mean, reduceSum } from '../../ops/reduce.ts';
import { SynthesisError } from '../error.ts';
import { definePrior } from './define.ts';
import { weightOption } from './options.ts';

/**
 * Entropy of the distributions that stand for tokens, as a share of the largest one, log V: 0 for one token at each place, 1 for all
 * alike. After Guo et al. 2021 (arXiv 2104.13733), who bring distributions to tokens by noise alone.
 */
export const peaked = definePrior({
  kind: 'peaked',
  summary:
    'Distributions that stand for tokens have little entropy: the teacher sees nearly what is kept, one token at each place.',
  paper: 'https://arxiv.org/abs/2104.13733',
  needs: 'texts',
  options: z.strictObject({
    kind: z.literal('peaked'),
    weight: weightOption,
  }),
  loss: (_, { soft }) => {
    if (!soft) {
      throw new SynthesisError(
        'peaked: found a batch without distributions of tokens; expected inputs of kind soft-tokens or token-generator; leave it out for other data',
      );
    }
    const entropy = reduceSum(mul(exp(soft.logShares), soft.logShares), [2], false);
    return mul(mean(entropy), -1 / Math.log(soft.ids.length));
  },
});
