import { z } from 'zod';
import type { Graph, Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { constantInit } from '../../models/init.ts';
import { div, exp, max, mul, stopGradient } from '../../ops/elementwise.ts';
import { mean, reduceMean, reduceSum, sum } from '../../ops/reduce.ts';
import { softmax } from '../../ops/softmax.ts';
import type { Extras } from '../define.ts';
import { defineMap, everyPair } from './define.ts';
import { logPlan } from './transport.ts';

/** The masses of n layers in this step, and a way to say what they cost. */
interface Masses {
  readonly now: Value;
  readonly update: (spent: Value) => void;
}

const even = (graph: Graph, n: number): Masses => ({
  now: graph.constant(tensor('float32', [n], Array(n).fill(1 / n))),
  update: () => {},
});

/**
 * softmax of min(2, mean price / price) / temperature, where a price is what a layer paid for each unit of its mass. The limit is not
 * the paper's: without it, layers that match well take all of the mass and the others are never trained.
 */
function byCost(extras: Extras, name: string, n: number, temperature: number): Masses {
  const { value, update } = extras.buffer(name, [n], constantInit(1 / n));
  return {
    now: value,
    update: (spent) => {
      const price = div(spent, value);
      const usual = mean(price);
      // The tiny number stands for the mean where nothing was paid.
      update(softmax(mul(div(usual, max(max(price, mul(usual, 0.5)), 1e-30)), 1 / temperature)));
    },
  };
}

/**
 * BERT-EMD, Li et al. 2020 (arXiv 2010.06133) §3: layers share their masses along the cheapest transport plan, found anew for each
 * batch from the mean distances; the loss is Σ plan·distance. The plan is a constant to the gradient, as in the paper. It comes from
 * a fixed number of Sinkhorn iterations with a small entropy term rather than from a linear program, so a little mass also goes
 * to pairs that are almost the cheapest.
 */
export const emd = defineMap({
  summary: 'All pairs, weighted by the cheapest transport plan between the layers (BERT-EMD, 2010.06133).',
  options: z.strictObject({
    map: z.literal('emd'),
    masses: z
      .enum(['even', 'by-cost'])
      .default('even')
      .describe('All layers alike, or more for those that were cheap to match in the step before (the paper’s cost attention)'),
    temperature: z.number().positive().default(1).describe('Evens out the masses by cost'),
    epsilon: z.number().positive().default(0.05).describe('Entropy term of the plan, as a share of the mean distance'),
    iterations: z.int().min(1).default(20).describe('Rounds of Sinkhorn’s algorithm'),
  }),
  pairs: everyPair,
  join: ({ student, teacher, distances, extras }, { masses, temperature, ...transport }) =>
    extras.scope('layers', () => {
      const of = (name: string, n: number): Masses =>
        masses === 'even' ? even(distances.graph, n) : byCost(extras, name, n, temperature);
      const [rows, columns] = [of('student', student.length), of('teacher', teacher.length)];
      const cost = reduceMean(stopGradient(distances), [0], false);
      const plan = exp(logPlan(cost, rows.now, columns.now, transport));
      const paid = mul(plan, cost);
      rows.update(reduceSum(paid, [1], false));
      columns.update(reduceSum(paid, [0], false));
      return div(reduceSum(mul(distances, stopGradient(plan)), [1, 2], false), sum(plan));
    }),
});
