import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { requireSameShape, sumPerExample } from '../../losses/per-example.ts';
import { meanAbsoluteError } from '../../losses/regression.ts';
import { scaled, softTargets } from '../../losses/responses/soft-targets.ts';
import { add, cast, equal, log, mul, neg, sub } from '../../ops/elementwise.ts';
import { argMax } from '../../ops/gather.ts';
import { mean } from '../../ops/reduce.ts';
import { clip } from '../../ops/select.ts';
import { softmax } from '../../ops/softmax.ts';
import { definePrior } from './define.ts';
import { weightOption } from './options.ts';

/** How far student and teacher are apart, and what is small where that is much. */
interface Distance {
  /** Temperature unless told. */
  readonly usual: number;
  /** [B, K] and [B, K] to [B]. */
  readonly apart: (student: Value, teacher: Value, temperature: number) => Value;
  /** From the mean over examples, rank 0. */
  readonly loss: (apart: Value) => Value;
}

/**
 * ½·KL(M‖P) + ½·KL(M‖Q) with M = (P + Q)/2 and every probability brought to 0.01 … 0.99, as the code of DeepInversion has the
 * Jensen–Shannon divergence; probabilities outside of these limits have no gradient.
 */
function clippedDivergence(student: Value, teacher: Value, temperature: number): Value {
  requireSameShape('adversarial: logits of the student and of the teacher', student, teacher);
  const [p, q] = [student, teacher].map((z) => softmax(scaled(z, temperature))) as [Value, Value];
  const within = (x: Value): Value => clip(x, 0.01, 0.99);
  const m = within(mul(add(p, q), 0.5));
  return sumPerExample(mul(m, sub(log(m), mul(add(log(within(p)), log(within(q))), 0.5))));
}

const distances: Readonly<Record<'kl' | 'l1' | 'js', Distance>> = {
  kl: { usual: 1, apart: softTargets, loss: neg },
  l1: { usual: 1, apart: (s, t, temperature) => meanAbsoluteError(scaled(s, temperature), scaled(t, temperature)), loss: neg },
  js: { usual: 3, apart: clippedDivergence, loss: (apart) => sub(1, clip(apart, 0, 1)) },
};

/** 1 where both give the same class, [B]. */
const agreeing = (a: Value, b: Value): Value => cast(equal(argMax(a), argMax(b)), a.dtype);

/**
 * Minus the distance of student and teacher: T²·KL(teacher‖student) (ZSKT, Micaelli & Storkey 2019, §3), the mean difference of logits
 * (DFAD, Fang et al. 2019, §3.2), or 1 − JS (DeepInversion's competition, Yin et al. 2020, eq. 8 and 9, as in its code). With
 * `only: agreeing` examples where the two give different classes count as 0 in the mean, as in CMI's code (arXiv 2105.08584).
 */
export const adversarial = definePrior({
  kind: 'adversarial',
  summary: 'Student and teacher disagree.',
  paper: 'https://arxiv.org/abs/1905.09768',
  options: z.strictObject({
    kind: z.literal('adversarial'),
    weight: weightOption,
    distance: z
      .enum(['kl', 'l1', 'js'])
      .default('kl')
      .describe('kl: KL(teacher‖student); l1: mean absolute difference of logits; js: Jensen–Shannon divergence, limited'),
    temperature: z.number().positive().optional().describe('The logits are divided by it; 1 for kl and l1, 3 for js unless told'),
    only: z.enum(['agreeing']).optional().describe('agreeing: only examples where student and teacher give the same class count'),
  }),
  student: true,
  loss: ({ distance, temperature, only }, { student: ofStudent, teacher: ofTeacher }) => {
    const { usual, apart, loss } = distances[distance];
    const [student, teacher] = [ofStudent!.get('logits')!, ofTeacher.get('logits')!];
    const values = apart(student, teacher, temperature ?? usual);
    return loss(mean(only ? mul(values, agreeing(student, teacher)) : values));
  },
});
