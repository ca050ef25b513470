import { z } from 'zod';
import { classBalance } from '../../losses/responses/confidence.ts';
import { sub } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import { classLogits } from './class-logits.ts';
import { definePrior } from './define.ts';
import { weightOption } from './options.ts';

/**
 * The information entropy loss: Σ p̄·log p̄ with p̄ the mean of the teacher's softmax over the batch (DAFL, Chen et al. 2019, §3.2), in
 * nats, from −ln K (all classes equally often) to 0. DAFL's code has decimal logarithms: its weight w is w/ln 10 here.
 */
export const balance = definePrior({
  kind: 'balance',
  summary: 'All classes are equally frequent in a batch.',
  paper: 'https://arxiv.org/abs/1904.01186',
  needs: 'classes',
  options: z.strictObject({ kind: z.literal('balance'), weight: weightOption }),
  loss: (_, scene) => {
    const logits = classLogits('balance', scene);
    return sub(mean(classBalance(logits)), Math.log(logits.shape[1] as number));
  },
});
