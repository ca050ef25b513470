import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { fanInUniform, zeros } from '../../models/init.ts';
import { add, div, exp, mul, sqrt, stopGradient, sub } from '../../ops/elementwise.ts';
import { linear, matmul } from '../../ops/linalg.ts';
import { concat } from '../../ops/movement.ts';
import { reduceMean, reduceSum, variance } from '../../ops/reduce.ts';
import { clip } from '../../ops/select.ts';
import { swapLast, unsqueeze } from '../../ops/shape.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import type { Extras } from '../define.ts';
import { type Compared, defineMap, everyPair } from './define.ts';

/** Axes of [B, …] that hold places rather than channels: all behind [B, C] of a map, the middle ones of [B, L, D]. */
const places = ({ rank }: Value): readonly number[] => (rank === 3 ? [1] : Array.from({ length: rank - 2 }, (_, i) => i + 2));

/** One vector per example with mean 0 and variance 1, [B, C]: masked scores of −∞ and the sizes of layers play no part. */
function pooled(x: Value): Value {
  const means = clip(stopGradient(reduceMean(x, places(x), false)), -1e4, 1e4);
  const centred = sub(means, reduceMean(means, [1]));
  return div(centred, sqrt(add(variance(means, [1]), 1e-6)));
}

/** A vector of `size` for each layer, from a trained linear map of its own: [B, layers, size]. */
const seen = (side: string, layers: readonly Value[], size: number, extras: Extras): Value =>
  concat(
    layers.map((layer, i) => {
      const x = pooled(layer);
      const wide = x.shape[1] as number;
      const weight = extras.param(`${side}.${i}.weight`, [wide, size], fanInUniform(wide));
      return unsqueeze(linear(x, weight, extras.param(`${side}.${i}.bias`, [size], zeros)), [1]);
    }),
    1,
  );

/** Log-weights [B, S, T] that sum to 1 over the teacher's layers (axis 2) or the student's (axis 1). */
function logWeights({ student, teacher, extras }: Compared, size: number, axis: number): Value {
  const keys = seen('student', student, size, extras);
  const queries = seen('teacher', teacher, size, extras);
  return logSoftmax(mul(matmul(keys, swapLast(queries)), 1 / Math.sqrt(size)), axis);
}

const axes = { teacher: 2, student: 1 };

/**
 * Ji et al. 2021 (arXiv 2102.02973) §3: how much a pair counts is a softmax of products of vectors that trained linear maps make
 * of the pooled features of both. The paper takes the softmax over the student's layers for each teacher layer (`over: student`);
 * the default is one over the teacher's layers for each student layer. Weights learn from the distances alone, so they move to
 * what is easiest to match rather than to what helps most: `entropy` adds that many times log n − H(weights), 0 where they are
 * even. Through the weights nothing flows back into the student.
 */
export const attention = defineMap({
  summary: 'All pairs, weighted by a learned attention (AFD, 2102.02973); moves to what is easiest to match.',
  options: z.strictObject({
    map: z.literal('attention'),
    over: z
      .enum(['teacher', 'student'])
      .default('teacher')
      .describe('Whose layers share the weight: the teacher’s for each student layer, or the student’s for each teacher layer'),
    size: z.int().min(1).default(32).describe('Length of the vectors that are compared'),
    entropy: z.number().min(0).default(0).describe('Keeps the weights even: factor of log n minus their entropy'),
  }),
  pairs: everyPair,
  join: (compared, { over, size, entropy }) => {
    const { distances, extras } = compared;
    const axis = axes[over];
    const logs = extras.scope('layers', () => logWeights(compared, size, axis));
    const n = distances.shape[axis] as number;
    const cost = entropy === 0 ? distances : add(distances, mul(add(logs, Math.log(n)), entropy));
    return reduceMean(reduceSum(mul(exp(logs), cost), [axis], false), [1], false);
  },
});
