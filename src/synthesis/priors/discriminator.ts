import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import type { Trains } from '../../models/layers.ts';
import { softplus } from '../../ops/activations.ts';
import { add, neg, stopGradient } from '../../ops/elementwise.ts';
import { concat, split } from '../../ops/movement.ts';
import { mean } from '../../ops/reduce.ts';
import { SynthesisError } from '../error.ts';
import { judges } from '../networks/judge.ts';
import { definePrior } from './define.ts';
import { weightOption } from './options.ts';
import { inStandardUnits } from './standard-units.ts';

/** −log σ(s), from a score: how wrong it is that an example was taken for a made-up one. */
const notTakenForReal = (score: Value): Value => mean(softplus(neg(score)));
const takenForReal = (score: Value): Value => mean(softplus(score));

/**
 * Generative adversarial training (Goodfellow et al. 2014, arXiv 1406.2661) with a few real examples. One sum trains both sides: the
 * batch by −log D(batch), where the weights of D let no gradient through (the form that does not saturate, §3), and D by
 * −log D(real) − log(1 − D(batch)), where the batch lets none through. So the prior's weight scales both gradients, and both sides take
 * their steps at the same rate.
 */
export const discriminator = definePrior({
  kind: 'discriminator',
  summary: 'A network that is trained beside cannot tell examples from a few real ones.',
  paper: 'https://arxiv.org/abs/1406.2661',
  needs: 'a few `real` examples',
  options: z.strictObject({
    kind: z.literal('discriminator'),
    weight: weightOption,
    width: z
      .int()
      .min(1)
      .optional()
      .describe('Maps of the first convolution for pictures (16 unless told), units of two hidden layers for vectors (64)'),
  }),
  loss: ({ width }, { view, real }, host) => {
    const { example, spreads } = host;
    if (example.layout === 'tokens') {
      throw new SynthesisError(
        'discriminator: found texts, whose ids have no gradient; expected pictures or vectors; leave this prior out',
      );
    }
    if (!real) {
      throw new SynthesisError(
        'discriminator: found no real examples to compare with; expected a few; give the program `real: 100` to let it see that many of the training set, or take adversarial, which needs none, in place of this prior',
      );
    }
    const judge = judges[example.layout];
    const score = (x: Value, param: Trains['param']): Value =>
      host.scope('judge', () => judge.build({ param, scope: host.scope }, inStandardUnits(x, spreads), width ?? judge.width));
    const fixed = score(view, (...what) => stopGradient(host.param(...what)));
    const examples = real();
    const both = score(concat([examples, stopGradient(view)]), host.param);
    const [ofReal, ofView] = split(both, [examples.shape[0] as number, view.shape[0] as number]) as [Value, Value];
    return add(notTakenForReal(fixed), add(notTakenForReal(ofReal), takenForReal(ofView)));
  },
});
