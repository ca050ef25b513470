import type { Value } from '../../graph/graph.ts';
import { add, div, max, mul, sqrt } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { reduceSum } from '../../ops/reduce.ts';
import { swapLast } from '../../ops/shape.ts';
import type { BuildContext } from '../define.ts';
import { zeros } from '../init.ts';
import { type ActivationName, activations, dropout } from '../layers.ts';
import { dense } from './dense.ts';
import { bertNorm } from './encoder.ts';
import { atPlaces } from './pooling.ts';

/** Vectors of length 1 over the last axis; a vector of zeros stays as it is. */
export const normalised = (x: Value): Value => div(x, max(sqrt(reduceSum(mul(x, x), [x.rank - 1])), 1e-12));

/** @param share Share of what its layer reads left out in training. */
type Head = (ctx: BuildContext, pooled: Value, outputs: number, share: number) => Value;

/** Scores of classes from a pooled vector [N, D]: [N, K]; the vector itself for no classes. Parameters: `classifier`. */
const classificationHead: Head = (ctx, pooled, classes, share) =>
  classes === 0 ? pooled : dense(ctx, 'classifier', dropout(ctx, 'drop', pooled, share), classes);

/**
 * A vector of length 1 for a whole text, [N, size]; the pooled vector [N, D] where it has that size already, or none is asked for.
 * Parameters otherwise: `projection`.
 */
const embeddingHead: Head = (ctx, pooled, size, share) =>
  normalised(
    size === 0 || pooled.shape[1] === size ? pooled : dense(ctx, 'projection', dropout(ctx, 'drop', pooled, share), size),
  );

/** Heads that options can name: from a pooled vector [N, D] to what the model gives, [N, outputs]. */
export const outputHeads = { classification: classificationHead, embedding: embeddingHead } as const;

/** Scores of classes for every token: [N, L, D] to [N, L, K]. Those of padding mean nothing. Parameters: `classifier`. */
export const tokenHead = (ctx: BuildContext, hidden: Value, classes: number): Value => dense(ctx, 'classifier', hidden, classes);

/**
 * Scores of the vocabulary at some places of each text, Devlin et al. 2019 (arXiv 1810.04805) §3.1: a dense layer, normalisation, and
 * products with the vectors of the embedding table. Parameters: `mlm.transform`, `mlm.norm`, `mlm.bias`.
 *
 * @param hidden [N, L, D].
 * @param positions Places from 0 on, int64 [N, M]; the same place may come more than once.
 * @param table The embeddings of the vocabulary, [V, D].
 * @returns [N, M, V].
 */
export function maskedLanguageHead(
  ctx: BuildContext,
  hidden: Value,
  positions: Value,
  table: Value,
  activation: ActivationName = 'gelu',
): Value {
  const [vocabulary, width] = table.shape as readonly [number, number];
  const chosen = atPlaces(hidden, positions);
  return ctx.scope('mlm', () => {
    const y = bertNorm(ctx, 'norm', activations.of(activation)(dense(ctx, 'transform', chosen, width)));
    return add(matmul(y, swapLast(table)), ctx.param('bias', [vocabulary], zeros));
  });
}
