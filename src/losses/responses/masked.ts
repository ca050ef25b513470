import type { Value } from '../../graph/graph.ts';
import { div, max, mul } from '../../ops/elementwise.ts';
import { reduceMax } from '../../ops/reduce.ts';
import { reshape } from '../../ops/shape.ts';
import { sparseCrossEntropy } from '../cross-entropy.ts';
import { sumPerExample } from '../per-example.ts';
import { softTargets, type Temperature } from './soft-targets.ts';

/** Rows of all texts one behind the other: [B, M, …] to [B·M, …]. */
const joined = (x: Value): Value => reshape(x, [(x.shape[0] as number) * (x.shape[1] as number), ...x.shape.slice(2)]);

/** Mean over the places of a text that count: [B·M] to [B], 0 where none does. */
const overPlaces = (values: Value, valid: Value): Value =>
  div(sumPerExample(mul(reshape(values, valid.shape), valid)), max(sumPerExample(valid), 1));

/** 1 for texts with a place that counts, [B]. */
export const guessing = (valid: Value): Value => reduceMax(valid, [1], false);

/**
 * Masked language modelling, Devlin et al. 2019 (arXiv 1810.04805) §3.1: −log p of the hidden tokens. The mean runs over the places
 * of each text; BERT's own code takes it over all places of a batch.
 *
 * @param logits Scores of the vocabulary at M places of each text, [B, M, V].
 * @param answers int64 [B, M].
 * @param valid 1 for places that count, [B, M].
 * @returns [B], in nats.
 */
export const maskedCrossEntropy = (logits: Value, answers: Value, valid: Value): Value =>
  overPlaces(sparseCrossEntropy(joined(logits), joined(answers)), valid);

/**
 * T²·KL(teacher ‖ student) over the vocabulary at the hidden tokens: the first loss of DistilBERT, Sanh et al. 2019 (arXiv
 * 1910.01108) §2.
 *
 * @param student [B, M, V].
 * @param teacher Same shape.
 * @param valid 1 for places that count, [B, M].
 * @returns [B], in nats.
 */
export const maskedSoftTargets = (student: Value, teacher: Value, valid: Value, temperature: Temperature): Value =>
  overPlaces(softTargets(joined(student), joined(teacher), temperature), valid);
