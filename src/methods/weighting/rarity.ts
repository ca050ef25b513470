import { z } from 'zod';
import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { showShape, tensor } from '../../graph/type.ts';
import { constantInit } from '../../models/init.ts';
import { add, max, mul, pow, sub } from '../../ops/elementwise.ts';
import { reduceMean, reduceSum } from '../../ops/reduce.ts';
import type { Signals } from '../define.ts';
import { defineWeighting } from './define.ts';

/** Shares of the classes, [K], none below one example. */
function given(counts: readonly number[], target: Value): Value {
  if (target.shape[1] !== counts.length) {
    const found = `${counts.length} counts for targets ${showShape(target.shape)}`;
    throw new GraphError('shape-mismatch', `rarity: ${found}; expected one for each class, in their order`);
  }
  const present = counts.map((n) => Math.max(n, 1));
  const all = present.reduce((a, b) => a + b);
  return target.graph.constant(
    tensor(
      target.dtype,
      [counts.length],
      present.map((n) => n / all),
    ),
  );
}

/** A running mean of the shares over batches; all alike at first. An example without a label changes nothing. */
function estimated(momentum: number, { target, extras }: Signals): Value {
  const classes = target.shape[1] as number;
  const shares = extras.buffer('class_shares', [classes], constantInit(1 / classes));
  const labelled = reduceMean(target, [0, 1], false);
  const found = sub(reduceMean(target, [0], false), mul(shares.value, mul(labelled, classes)));
  shares.update(add(shares.value, mul(found, 1 - momentum)));
  return max(shares.value, 1 / extras.examples);
}

/**
 * Σ y·share^(−γ): the factor of DistilBERT's count^(−0.7) (arXiv 1910.01108, the official code), which draws rare tokens more often,
 * as a weight. An example without a label counts as one of a class of average size.
 */
export const rarity = defineWeighting({
  by: 'rarity',
  tasks: ['classification'],
  summary: 'How rare the class of the example is.',
  paper: 'https://arxiv.org/abs/1910.01108',
  teacher: false,
  labels: true,
  options: z.strictObject({
    by: z.literal('rarity'),
    gamma: z.number().min(0).default(0.7).describe('γ: 0 leaves all alike, 1 gives every class the same sum'),
    counts: z
      .array(z.number().min(0))
      .min(2)
      .optional()
      .describe('Examples of each class, in their order; counted on the way unless given'),
    momentum: z.number().min(0).lt(1).default(0.99).describe('How slowly the shares counted on the way change'),
  }),
  weigh: (signals, _, { gamma, counts, momentum }) => {
    const { target } = signals;
    const classes = target.shape[1] as number;
    const shares = counts ? given(counts, target) : estimated(momentum, signals);
    const factors = pow(mul(shares, classes), -gamma);
    const unlabelled = max(sub(1, reduceSum(target, [1], false)), 0);
    return add(reduceSum(mul(target, factors), [1], false), unlabelled);
  },
});
