import type { Value } from '../../graph/graph.ts';
import { add, log, mul } from '../../ops/elementwise.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import { requireSameShape } from '../per-example.ts';
import { divergence, scaled, softened, timesSquare } from './soft-targets.ts';

export interface TeacherFreeOptions {
  /** Probability a that the virtual teacher gives the true class, above 0 and below 1. */
  readonly correct: number;
  readonly temperature: number;
  /** `paper`: T²·KL(u^(1/T) normalised ‖ softmax(z/T)); `code`: KL(softmax(u/T) ‖ softmax(z))/K. */
  readonly form: 'paper' | 'code';
}

const forms: Readonly<Record<TeacherFreeOptions['form'], (student: Value, u: Value, temperature: number) => Value>> = {
  paper: (student, u, temperature) =>
    timesSquare(divergence(softened(log(u), temperature), softened(student, temperature)), temperature),
  code: (student, u, temperature) =>
    mul(divergence(logSoftmax(scaled(u, temperature)), logSoftmax(student)), 1 / (student.shape[1] as number)),
};

/**
 * Teacher-free regularisation (Yuan et al. 2020, arXiv 1909.11723, eq. 8–9): a virtual teacher u gives the true class the probability a
 * and each other one (1 − a)/(K − 1). The paper prints no T², without which its gradient vanishes at the usual T of 20: it is
 * multiplied by it here. The official code differs: it takes the softmax of the probabilities u, which leaves them almost even,
 * does not soften the student, and divides by K.
 *
 * @param student Logits [B, K].
 * @param target Class probabilities [B, K]; mixed labels mix their virtual teachers.
 * @returns [B].
 */
export function teacherFree(student: Value, target: Value, { correct, temperature, form }: TeacherFreeOptions): Value {
  requireSameShape('tf-kd: logits and target', student, target);
  const other = (1 - correct) / ((student.shape[1] as number) - 1);
  return forms[form](student, add(mul(target, correct - other), other), temperature);
}
