import type { Value } from '../../graph/graph.ts';
import { add, exp, log, max, stopGradient, sub } from '../../ops/elementwise.ts';
import { reduceMax, reduceSum } from '../../ops/reduce.ts';
import { squeeze } from '../../ops/shape.ts';

/** log Σ exp(x) over the last axis, which is dropped. The largest term is taken out as a constant: the gradient is the softmax. */
export function logSum(x: Value): Value {
  const top = stopGradient(reduceMax(x, [-1]));
  return squeeze(add(log(reduceSum(exp(sub(x, top)), [-1])), top), [-1]);
}

/** log Σ exp(part), element by element over parts that broadcast to one shape; at least one is finite everywhere. */
export function logSumOf(parts: readonly Value[]): Value {
  const top = stopGradient(parts.reduce((a, b) => max(a, b)));
  return add(log(parts.map((part) => exp(sub(part, top))).reduce((a, b) => add(a, b))), top);
}
