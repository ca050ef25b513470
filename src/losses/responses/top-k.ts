import type { Value } from '../../graph/graph.ts';
import { filled } from '../../ops/define.ts';
import { add, exp, mul, sub } from '../../ops/elementwise.ts';
import { gatherElements, scatterElements, topK } from '../../ops/gather.ts';
import { sizeAt, zeros } from '../../ops/movement.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import { requireSameShape, sumPerExample } from '../per-example.ts';
import { logSum } from './log-sum.ts';
import { divergence, floored, softened, softTargets, type Temperature, timesSquare } from './soft-targets.ts';

/** log probabilities of student and teacher: of the teacher's first k classes [B, k], and of all that remains [B]. */
interface Parts {
  readonly student: Value;
  readonly teacher: Value;
  readonly studentRest: () => Value;
  readonly teacherRest: () => Value;
  /** Σ over the remaining classes of the student's log probabilities, [B]. */
  readonly studentRestSum: () => Value;
  /** Number of classes that remain. */
  readonly remaining: number;
}

/** What is done with the classes after the k-th: [B]. */
const tails = {
  together: (p: Parts): Value => {
    const [s, t] = [p.studentRest(), p.teacherRest()];
    return add(divergence(p.teacher, p.student), mul(exp(t), sub(t, s)));
  },
  uniform: (p: Parts): Value => {
    const rest = p.teacherRest();
    const each = add(rest, -Math.log(p.remaining));
    const apart = sub(each, mul(p.studentRestSum(), 1 / p.remaining));
    return add(divergence(p.teacher, p.student), mul(exp(rest), apart));
  },
  zero: (p: Parts): Value => divergence(logSoftmax(p.teacher), p.student),
  drop: (p: Parts): Value => divergence(logSoftmax(p.teacher), logSoftmax(p.student)),
};

export interface TopOptions {
  /** Number of classes; as many as there are, or more, give the KL of soft targets. */
  readonly k: number;
  /**
   * The classes that are not among the k, of teacher ‖ student: `together` one more class on both sides; `uniform` the teacher's mass
   * spread evenly over them ‖ as they are; `zero` left out and the k renormalised ‖ as they are, so that their mass is drawn down;
   * `drop` left out on both sides, the k renormalised.
   */
  readonly tail: keyof typeof tails;
  readonly temperature: Temperature;
}

/**
 * T²·KL from the k largest logits of the teacher alone, with the tail accounted for: what stored top-k answers still allow.
 * `together` is a lower bound of the full KL, by the data-processing inequality. Probabilities are softened first, then divided into
 * the k and the rest.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K].
 * @returns [B], in nats.
 */
export function topTargets(student: Value, teacher: Value, { k, tail, temperature }: TopOptions): Value {
  requireSameShape('top-k: logits of the student and of the teacher', student, teacher);
  const classes = sizeAt(teacher, 1, 'top-k');
  if (k >= classes) return softTargets(student, teacher, temperature);
  const [s, t] = [softened(student, temperature), floored(softened(teacher, temperature))];
  const { indices } = topK(t, k);
  const first = gatherElements(s, indices, 1);
  const chosen = { dtype: s.dtype, shape: indices.shape };
  const rest = (logP: Value): Value => {
    const taken = scatterElements(zeros(logP.graph, logP.type), indices, filled(logP.graph, chosen, -1e30), 1);
    return logSum(add(logP, taken));
  };
  const values = tails[tail]({
    student: first,
    teacher: gatherElements(t, indices, 1),
    studentRest: () => rest(s),
    teacherRest: () => rest(t),
    studentRestSum: () => sub(sumPerExample(s), sumPerExample(first)),
    remaining: classes - k,
  });
  return timesSquare(values, temperature);
}
