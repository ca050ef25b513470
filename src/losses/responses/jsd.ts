import type { Value } from '../../graph/graph.ts';
import { add, mul } from '../../ops/elementwise.ts';
import { requireSameShape } from '../per-example.ts';
import { logSumOf } from './log-sum.ts';
import { divergence, floored, reverseSoftTargets, softened, softTargets, type Temperature, timesSquare } from './soft-targets.ts';

/**
 * T²·[β·KL(P‖M) + (1 − β)·KL(Q‖M)] with M = β·P + (1 − β)·Q, P the teacher's probabilities and Q the student's: the generalised
 * Jensen–Shannon divergence of GKD (Agarwal et al. 2024, arXiv 2306.13649, eq. 1), symmetric for β = ½ and at most ln 2·T² there.
 * For β → 0 it tends to β·KL(P‖Q), for β → 1 to (1 − β)·KL(Q‖P), so to zero at both ends; at exactly 0 and 1 it is KL(P‖Q) and
 * KL(Q‖P) themselves, the convention of TRL's GKD. Mind that jump: a small β wants a large weight.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K].
 * @param beta 0 … 1.
 * @returns [B], in nats.
 */
export function jensenShannon(student: Value, teacher: Value, beta: number, temperature: Temperature): Value {
  if (beta === 0) return softTargets(student, teacher, temperature);
  if (beta === 1) return reverseSoftTargets(student, teacher, temperature);
  requireSameShape('jsd: logits of the student and of the teacher', student, teacher);
  const logP = floored(softened(teacher, temperature));
  const logQ = softened(student, temperature);
  const mixture = logSumOf([add(logP, Math.log(beta)), add(logQ, Math.log(1 - beta))]);
  const sides = add(mul(divergence(logP, mixture), beta), mul(divergence(logQ, mixture), 1 - beta));
  return timesSquare(sides, temperature);
}
