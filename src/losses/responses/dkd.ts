import type { Value } from '../../graph/graph.ts';
import { softplus } from '../../ops/activations.ts';
import { add, cast, mul, neg, sigmoid, sub } from '../../ops/elementwise.ts';
import { argMax } from '../../ops/gather.ts';
import { oneHot } from '../../ops/select.ts';
import { requireSameShape, sumPerExample } from '../per-example.ts';
import { logSum } from './log-sum.ts';
import { scaled, softTargets, type Temperature, timesSquare } from './soft-targets.ts';

export interface DecoupledOptions {
  /** Weight of the target class against all others (TCKD). */
  readonly alpha: number;
  /** Weight of the distribution among the other classes (NCKD). */
  readonly beta: number;
  readonly temperature: Temperature;
}

/**
 * T²·[α·KL(bᵗ‖bˢ) + β·KL(p̂ᵗ‖p̂ˢ)]: Decoupled Knowledge Distillation (Zhao et al. 2022, arXiv 2203.08679, eq. 7); b is the
 * probability of the target class against that of all others, p̂ the softmax without the target class. With α = 1 and β = 1 − pᵗ of
 * the target class it is the KL of soft targets. Computed from differences of logits, where the official code takes logarithms of
 * probabilities and overflows from gaps of about 100 on.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K].
 * @param target Class probabilities [B, K]; the likeliest class is the target class (the first of equals).
 * @returns [B], in nats.
 */
export function decoupled(student: Value, teacher: Value, target: Value, options: DecoupledOptions): Value {
  requireSameShape('dkd: logits of the student and of the teacher', student, teacher);
  requireSameShape('dkd: logits and target', student, target);
  const hot = cast(oneHot(argMax(target), target.shape[1] as number), student.dtype);
  const parts = [
    ...(options.alpha === 0 ? [] : [mul(targetClass(student, teacher, hot, options.temperature), options.alpha)]),
    ...(options.beta === 0 ? [] : [mul(otherClasses(student, teacher, hot, options.temperature), options.beta)]),
  ];
  return parts.length === 0 ? mul(sumPerExample(student), 0) : parts.reduce((a, b) => add(a, b));
}

/** Logits with the target class out of reach of the softmax. */
const withoutTarget = (logits: Value, hot: Value): Value => sub(logits, mul(hot, 1e30));

/** KL of two Bernoulli distributions from their log odds d = zʸ − log Σ_{k≠y} exp zᵏ: log p = −softplus(−d). */
function targetClass(student: Value, teacher: Value, hot: Value, temperature: Temperature): Value {
  const odds = (logits: Value): Value => {
    const z = scaled(logits, temperature);
    return sub(sumPerExample(mul(z, hot)), logSum(withoutTarget(z, hot)));
  };
  const [s, t] = [odds(student), odds(teacher)];
  const yes = mul(sigmoid(t), sub(softplus(neg(s)), softplus(neg(t))));
  const no = mul(sigmoid(neg(t)), sub(softplus(s), softplus(t)));
  return timesSquare(add(yes, no), temperature);
}

const otherClasses = (student: Value, teacher: Value, hot: Value, temperature: Temperature): Value =>
  softTargets(withoutTarget(student, hot), withoutTarget(teacher, hot), temperature);
