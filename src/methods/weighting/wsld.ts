import { z } from 'zod';
import { crossEntropy } from '../../losses/cross-entropy.ts';
import { add, div, exp, mul, neg, sub } from '../../ops/elementwise.ts';
import { reduceSum } from '../../ops/reduce.ts';
import { defineWeighting } from './define.ts';

/**
 * 1 − e^(−CEˢ/CEᵗ) with the cross-entropies at temperature 1, arXiv 2102.00650; examples without a label count in full.
 * The paper uses the factors as they are, around its soft cross-entropy.
 */
export const wsld = defineWeighting({
  by: 'wsld',
  tasks: ['classification'],
  summary: 'How far the student is behind the teacher on the label: weighted soft labels (WSLD).',
  paper: 'https://arxiv.org/abs/2102.00650',
  teacher: true,
  labels: true,
  options: z.strictObject({ by: z.literal('wsld') }),
  weigh: ({ student, teacher, target }) => {
    const [own, theirs] = [student, teacher].map((side) => crossEntropy(side.get('logits')!, target));
    const kept = exp(neg(div(own!, add(theirs!, smallest))));
    return sub(1, mul(kept, reduceSum(target, [1], false)));
  },
});
/** What the official code adds to the cross-entropy of the teacher. */
const smallest = 1e-7;
