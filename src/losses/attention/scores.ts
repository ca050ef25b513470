import type { Value } from '../../graph/graph.ts';
import { greater, mul, sub } from '../../ops/elementwise.ts';
import { where } from '../../ops/select.ts';
import { meanPerExample, requireSameShape } from '../per-example.ts';
import { alignHeads, type HeadRule, withHeads } from './heads.ts';
import { masked, meanWhere, openPositions } from './masks.ts';

export interface ScoreOptions {
  readonly heads?: HeadRule;
  /** `omit`: the mean runs over open positions; `zero`: over all, masked ones counting as equal (TinyBERT's code). */
  readonly padding?: 'omit' | 'zero';
}

/** Scores with 0 at masked positions; −∞ is welcome. */
const cleared = (x: Value): Value => where(greater(x, masked), x, 0);

/**
 * Squared differences of raw attention scores, TinyBERT, Jiao et al. 2019 (arXiv 1909.10351) eq. 7. As in the official code, scores of
 * −100 and less are masked and set to 0 on both sides; that code then divides by all positions, which makes the loss smaller the
 * more padding there is (`zero`). The default leaves them out.
 *
 * @param student Scores before the softmax, [B, heads, L, L] or [B, L, L].
 * @param teacher The same, with any number of heads.
 * @returns [B], means over heads and positions; 0 where all is masked.
 */
export function attentionScores(student: Value, teacher: Value, { heads = 'mean', padding = 'omit' }: ScoreOptions = {}): Value {
  const [s, t] = [withHeads(student), withHeads(teacher)];
  const align = alignHeads(s, t, heads);
  const [a, b] = [align(s), align(t)];
  requireSameShape('attention scores of the student and of the teacher', a, b);
  const gap = sub(cleared(a), cleared(b));
  const squared = mul(gap, gap);
  return padding === 'zero' ? meanPerExample(squared) : meanWhere(squared, openPositions(a, b, 'scores'));
}
