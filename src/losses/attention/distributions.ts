import type { Value } from '../../graph/graph.ts';
import { log, max, mul, sub } from '../../ops/elementwise.ts';
import { logSoftmax, softmax } from '../../ops/softmax.ts';
import { meanPerExample, requireSameShape } from '../per-example.ts';
import { alignHeads, type HeadRule, withHeads } from './heads.ts';
import { type Given, meanWhere, openPositions, openRows, overKeys } from './masks.ts';

export interface DistributionOptions {
  readonly given?: Given;
  readonly heads?: HeadRule;
  /** `omit`: means run over open positions or rows; `zero`: over all. */
  readonly padding?: 'omit' | 'zero';
}

/** Stands for −∞, which has no finite differences. */
const lowest = -1e30;
const logged = (p: Value): Value => log(max(p, 1e-30));

/** How a tap becomes probabilities, and their logarithms: finite also for masked positions, and for rows that are masked altogether. */
const readings: Readonly<Record<Given, { readonly plain: (x: Value) => Value; readonly logs: (x: Value) => Value }>> = {
  scores: { plain: (x) => softmax(max(x, lowest)), logs: (x) => logSoftmax(max(x, lowest)) },
  probabilities: { plain: (x) => x, logs: logged },
};

interface Sides {
  /** Probabilities, [B, H, L, L]. */
  readonly plain: readonly [student: Value, teacher: Value];
  /** Their logarithms. */
  readonly logs: readonly [student: Value, teacher: Value];
  /** 1 at positions that may be attended to, [B, H, L, L]. */
  readonly positions: Value;
}

/** Both sides with equal numbers of heads; a mean over heads is one of probabilities. */
function sidesOf(student: Value, teacher: Value, given: Given, heads: HeadRule): Sides {
  const [s, t] = [withHeads(student), withHeads(teacher)];
  const align = alignHeads(s, t, heads);
  const [a, b] = [align(s), align(t)];
  requireSameShape('attention of the student and of the teacher', a, b);
  const { plain, logs } = readings[given];
  const merged = (x: Value): Value => align(plain(x));
  const mergedLogs = (x: Value): Value => (align(x) === x ? logs(x) : logged(merged(x)));
  return {
    plain: [merged(s), merged(t)],
    logs: [mergedLogs(s), mergedLogs(t)],
    positions: openPositions(a, b, given),
  };
}

/**
 * Squared differences of attention probabilities, mean over heads and positions. Rows that are masked altogether count as 0.
 *
 * @param student Scores or probabilities, [B, heads, L, L] or [B, L, L].
 * @param teacher The same, with any number of heads.
 * @returns [B].
 */
export function attentionSquares(
  student: Value,
  teacher: Value,
  { given = 'scores', heads = 'mean', padding = 'omit' }: DistributionOptions = {},
): Value {
  const { plain, positions } = sidesOf(student, teacher, given, heads);
  const gap = sub(...plain);
  const squared = mul(gap, gap);
  return padding === 'zero' ? meanPerExample(mul(squared, openRows(positions))) : meanWhere(squared, positions);
}

/**
 * KL(teacher ‖ student) of the attention probabilities of each query, mean over heads and queries: MiniLM, Wang et al. 2020 (arXiv
 * 2002.10957) eq. 2–3. Rows that are masked altogether are left out of the mean, or count as 0 in it.
 *
 * @param student Scores or probabilities, [B, heads, L, L] or [B, L, L].
 * @param teacher The same, with any number of heads.
 * @returns [B], in nats.
 */
export function attentionDivergence(
  student: Value,
  teacher: Value,
  { given = 'scores', heads = 'mean', padding = 'omit' }: DistributionOptions = {},
): Value {
  const { plain, logs, positions } = sidesOf(student, teacher, given, heads);
  const rows = openRows(positions);
  const divergence = overKeys(mul(plain[1], sub(logs[1], logs[0])));
  return padding === 'zero' ? meanPerExample(mul(divergence, rows)) : meanWhere(divergence, rows);
}
