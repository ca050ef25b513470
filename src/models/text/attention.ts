import type { Value } from '../../graph/graph.ts';
import { add, mul, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { reshape, swapLast, transpose } from '../../ops/shape.ts';
import { softmax } from '../../ops/softmax.ts';
import type { Trains } from '../layers.ts';
import { dense } from './dense.ts';

/** What is added to the scores of padding: far enough from all others that their share is exactly 0, and finite. */
const masked = -10_000;

/** What is added to the scores of a batch, [N, 1, 1, L]: 0 for tokens, −10000 for padding. @param mask 1 or 0, [N, L]. */
export const maskBias = (mask: Value): Value => reshape(mul(sub(mask, 1), -masked), [mask.shape[0]!, 1, 1, mask.shape[1]!]);

/** [N, L, H·d] to [N, H, L, d]. */
export function splitHeads(x: Value, heads: number): Value {
  const [n, length, width] = x.shape;
  return transpose(reshape(x, [n!, length!, heads, (width as number) / heads]), [0, 2, 1, 3]);
}

/** [N, H, L, d] to [N, L, H·d]. */
export function joinHeads(x: Value): Value {
  const [n, heads, length, each] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [n!, length!, (heads as number) * (each as number)]);
}

/** What an attention looks up in: [N, H, L, d] each. */
export interface Looked {
  readonly key: Value;
  readonly value: Value;
}

/** Keys and values of all places of x [N, L, D], from the parameters `key` and `value`. */
export const looked = (ctx: Trains, x: Value, heads: number, width: number): Looked => ({
  key: splitHeads(dense(ctx, 'key', x, width), heads),
  value: splitHeads(dense(ctx, 'value', x, width), heads),
});

export interface Attended {
  /** [N, Q, H·d], before the projection that follows. */
  readonly mixed: Value;
  /** Before the softmax, scaled, with the mask added: [N, H, Q, L]. */
  readonly scores: Value;
  /** [N, H, Q, d], not scaled. */
  readonly query: Value;
}

/**
 * Scaled dot-product attention of several heads, Vaswani et al. 2017 (arXiv 1706.03762) §3.2, with the parameters `query`.
 *
 * @param from Whose queries: [N, Q, D].
 * @param bias Added to the scores, [N, 1, 1, L].
 * @param thin What becomes of the probabilities [N, H, Q, L] before they are used.
 */
export function attend(ctx: Trains, from: Value, { key, value }: Looked, bias: Value, thin: (p: Value) => Value): Attended {
  const [heads, each] = [key.shape[1] as number, key.shape[3] as number];
  const query = splitHeads(dense(ctx, 'query', from, heads * each), heads);
  const scores = add(mul(matmul(query, swapLast(key)), 1 / Math.sqrt(each)), bias);
  return { mixed: joinHeads(matmul(thin(softmax(scores)), value)), scores, query };
}
