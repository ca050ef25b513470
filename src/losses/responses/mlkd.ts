import type { Value } from '../../graph/graph.ts';
import { add, mul, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { reduceSum, sum } from '../../ops/reduce.ts';
import { swapLast } from '../../ops/shape.ts';
import { softmax } from '../../ops/softmax.ts';
import { requireSameShape } from '../per-example.ts';
import { scaled, softTargets } from './soft-targets.ts';

export interface MultiLevelOptions {
  /** The losses are added up over these. */
  readonly temperatures: readonly number[];
  /** Weight of T²·KL for each example. */
  readonly instance: number;
  /** Weight of ‖PᵗPᵗᵀ − PˢPˢᵀ‖²/B: which examples are alike. */
  readonly batch: number;
  /** Weight of ‖PᵗᵀPᵗ − PˢᵀPˢ‖²/K: which classes are alike. */
  readonly classes: number;
}

/**
 * Multi-level logit distillation (Jin et al., CVPR 2023, eq. 3–7): soft targets, and Gram matrices of softened probabilities P [B, K]
 * over examples and over classes, at several temperatures. The last part is one number for the batch, given to each example. The
 * masks by confidence of the official code are left out.
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K].
 * @returns [B].
 */
export function multiLevel(student: Value, teacher: Value, options: MultiLevelOptions): Value {
  requireSameShape('mlkd: logits of the student and of the teacher', student, teacher);
  const levels = options.temperatures.flatMap((temperature) => {
    const [s, t] = [student, teacher].map((z) => softmax(scaled(z, temperature)));
    return [
      mul(softTargets(student, teacher, temperature), options.instance),
      mul(batchLevel(s!, t!), options.batch),
      mul(classLevel(s!, t!), options.classes),
    ];
  });
  return levels.reduce((a, b) => add(a, b));
}

const square = (x: Value): Value => mul(x, x);

const batchLevel = (s: Value, t: Value): Value =>
  reduceSum(square(sub(matmul(t, swapLast(t)), matmul(s, swapLast(s)))), [1], false);

const classLevel = (s: Value, t: Value): Value =>
  mul(sum(square(sub(matmul(swapLast(t), t), matmul(swapLast(s), s)))), 1 / (s.shape[1] as number));
