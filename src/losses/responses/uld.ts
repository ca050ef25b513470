import type { Value } from '../../graph/graph.ts';
import { abs, sub } from '../../ops/elementwise.ts';
import { topK } from '../../ops/gather.ts';
import { padAxis, sizeAt } from '../../ops/movement.ts';
import { softmax } from '../../ops/softmax.ts';
import { sumPerExample } from '../per-example.ts';
import { scaled, type Temperature, timesSquare } from './soft-targets.ts';

/**
 * T²·Σ|sort(pˢ) − sort(pᵗ)|, the shorter side padded with zeros: Universal Logit Distillation (Boizard et al. 2024, arXiv 2402.12030,
 * eq. 4), the Wasserstein distance between outputs whose classes have nothing to do with each other. It matches how the
 * probabilities are spread, not what they belong to. Paper and official code have no T² (they stay at T = 1).
 *
 * @param student Logits [B, K].
 * @param teacher Logits [B, K′].
 * @returns [B], 0 to 2·T².
 */
export function universalLogits(student: Value, teacher: Value, temperature: Temperature): Value {
  const [k, other] = [sizeAt(student, 1, 'uld'), sizeAt(teacher, 1, 'uld')];
  const sorted = (logits: Value, size: number): Value =>
    padAxis(topK(softmax(scaled(logits, temperature)), size).values, 1, 0, Math.max(k, other) - size);
  return timesSquare(sumPerExample(abs(sub(sorted(student, k), sorted(teacher, other)))), temperature);
}
