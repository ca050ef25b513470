import { GraphError } from '../graph/error.ts';
import type { Value } from '../graph/graph.ts';
import { showShape, tensor } from '../graph/type.ts';
import { add, cast, equal, exp, log, mul, neg, not, stopGradient, sub } from '../ops/elementwise.ts';
import { gatherElements } from '../ops/gather.ts';
import { reduceMax, reduceSum } from '../ops/reduce.ts';
import { unsqueeze } from '../ops/shape.ts';
import { logSoftmax } from '../ops/softmax.ts';
import { meanPerExample, requireSameShape, sumPerExample } from './per-example.ts';

export interface CrossEntropyOptions {
  /** ε: the target becomes (1 − ε)·target + ε/K, Szegedy et al. 2016 (arXiv 1512.00567) §7. */
  readonly smoothing?: number;
  /** One factor per class on −log p; they do not change what the mean divides by. */
  readonly classWeights?: readonly number[];
}

/**
 * −Σ target·log softmax(z).
 *
 * @param logits [B, K].
 * @param target Class probabilities [B, K]; a row of zeros means no label and gives 0.
 * @returns [B], in nats.
 */
export function crossEntropy(logits: Value, target: Value, { smoothing = 0, classWeights }: CrossEntropyOptions = {}): Value {
  requireSameShape('cross-entropy: logits and target', logits, target);
  const logP = logSoftmax(logits, -1);
  const terms = classWeights ? mul(logP, perClass(logits, classWeights)) : logP;
  const sharp = neg(sumPerExample(mul(target, terms)));
  if (smoothing === 0) return sharp;
  const labelled = reduceSum(target, [1], false);
  return sub(mul(sharp, 1 - smoothing), mul(mul(meanPerExample(terms), labelled), smoothing));
}

function perClass(logits: Value, weights: readonly number[]): Value {
  if (logits.shape.at(-1) !== weights.length) {
    const found = `${weights.length} class weights for logits ${showShape(logits.shape)}`;
    throw new GraphError('shape-mismatch', `cross-entropy: ${found}; expected one for each class`);
  }
  return logits.graph.constant(tensor(logits.dtype, [weights.length], weights));
}

export interface SparseCrossEntropyOptions {
  /** Label of the examples that give 0. */
  readonly ignoreIndex?: number;
  /** ε, as for dense targets. */
  readonly smoothing?: number;
}

/**
 * −log softmax(z) at the label.
 *
 * @param logits [B, K].
 * @param labels int64 [B], 0 … K − 1 or `ignoreIndex`.
 * @returns [B], in nats.
 */
export function sparseCrossEntropy(
  logits: Value,
  labels: Value,
  { ignoreIndex, smoothing = 0 }: SparseCrossEntropyOptions = {},
): Value {
  // The largest score is taken off for the sake of precision, and changes nothing. Written so, the derivative is the exponentials once
  // more, scaled, with the answers' places changed: one pass over what may be a whole vocabulary.
  const z = sub(logits, stopGradient(reduceMax(logits, [1])));
  const logTotal = log(sumPerExample(exp(z)));
  const counted = ignoreIndex === undefined ? undefined : not(equal(labels, ignoreIndex));
  const places = counted ? mul(labels, cast(counted, 'int64')) : labels;
  const right = sumPerExample(gatherElements(z, unsqueeze(places, [1]), 1));
  const expected = smoothing === 0 ? right : add(mul(right, 1 - smoothing), mul(meanPerExample(z), smoothing));
  const all = sub(logTotal, expected);
  return counted ? mul(all, cast(counted, logits.dtype)) : all;
}
