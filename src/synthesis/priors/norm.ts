import { z } from 'zod';
import { sumPerExample } from '../../losses/per-example.ts';
import { mul } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import { SynthesisError } from '../error.ts';
import { definePrior } from './define.ts';
import { weightOption } from './options.ts';
import { root } from './root.ts';
import { inStandardUnits } from './standard-units.ts';

/**
 * Mean over examples of ‖x‖₂ with x in standard units: the ℓ2 prior of DeepInversion (Yin et al. 2020, arXiv 1912.08795, eq. 3, as in
 * its code for ImageNet; that for CIFAR-10 takes one norm of the whole batch, which is about √B as large).
 */
export const norm = definePrior({
  kind: 'norm',
  summary: 'Examples lie near the mean of the data.',
  paper: 'https://arxiv.org/abs/1912.08795',
  options: z.strictObject({ kind: z.literal('norm'), weight: weightOption }),
  loss: (_, { view }, { spreads, example }) => {
    if (example.layout === 'tokens') {
      throw new SynthesisError('norm: found texts, whose ids have no size; expected pictures or vectors; leave this prior out');
    }
    const x = inStandardUnits(view, spreads);
    return mean(root(sumPerExample(mul(x, x))));
  },
});
