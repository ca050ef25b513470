import type { Value } from '../graph/graph.ts';
import { abs, mul, sub } from '../ops/elementwise.ts';
import { clip } from '../ops/select.ts';
import { meanPerExample, requireSameShape } from './per-example.ts';

const difference = (a: Value, b: Value): Value => {
  requireSameShape('prediction and target', a, b);
  return sub(a, b);
};

/** Mean of (a − b)² over all elements of an example: [B, …] to [B]. */
export function meanSquaredError(a: Value, b: Value): Value {
  const error = difference(a, b);
  return meanPerExample(mul(error, error));
}

/** Mean of |a − b| over all elements of an example: [B, …] to [B]. */
export const meanAbsoluteError = (a: Value, b: Value): Value => meanPerExample(abs(difference(a, b)));

/**
 * Mean of e²/2 where |e| = |a − b| is below δ and of δ·(|e| − δ/2) beyond, Huber 1964: [B, …] to [B].
 * Written as c·(e − c/2) with c = e limited to ±δ.
 */
export function huber(a: Value, b: Value, delta = 1): Value {
  const error = difference(a, b);
  const limited = clip(error, -delta, delta);
  return meanPerExample(mul(limited, sub(error, mul(limited, 0.5))));
}
