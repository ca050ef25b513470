import type { Value } from '../../graph/graph.ts';
import { add, mul } from '../../ops/elementwise.ts';
import { pick } from '../../ops/gather.ts';
import { reshape } from '../../ops/shape.ts';
import type { BuildContext } from '../define.ts';
import { type ActivationName, activations, keptShare, layerNorm } from '../layers.ts';
import { type Attended, attend, type Looked, looked } from './attention.ts';
import { dense } from './dense.ts';

export interface EncoderOptions {
  readonly heads: number;
  /** Numbers of each head. */
  readonly headWidth: number;
  /** Units of the hidden layer of each feed-forward part. */
  readonly inner: number;
  readonly activation: ActivationName;
  /** Share of the results of each part that is left out in training. */
  readonly dropout: number;
  /** Share of the attention probabilities that is left out in training. */
  readonly attentionDropout: number;
}

export interface EncoderLayer {
  /** [N, L, D]. */
  readonly hidden: Value;
  readonly attention: Attended & Looked;
  /** Units of the feed-forward part behind their activation, [N, L, inner]. */
  readonly units: Value;
  /** The first place of `hidden`, [N, 1, D], from the work of that place alone: nobody reads the queries of the others. */
  readonly first: () => Value;
}

/** Layer normalisation with BERT's epsilon. */
export const bertNorm = (ctx: BuildContext, name: string, x: Value): Value => layerNorm(ctx, name, x, 1e-12);

/** Which places of a text are worked out. Axes other than that of the places stay as they are. */
type Places = (x: Value, axis: number) => Value;
const every: Places = (x) => x;
const first: Places = (x, axis) => reshape(pick(x, 0, axis), x.shape.with(axis, 1));

/**
 * One layer of BERT's encoder: attention and a feed-forward part, each added to its input and then normalised. Parameters:
 * `attention.query`, `.key`, `.value`, `.output`, `.norm`; `feedforward.inner`, `.output`, `.norm`.
 *
 * @param x [N, L, D].
 * @param bias Added to the attention scores, [N, 1, 1, L].
 */
export function encoderLayer(ctx: BuildContext, name: string, x: Value, bias: Value, options: EncoderOptions): EncoderLayer {
  const layer = ctx.scope(name, () => inScope(ctx, x, bias, options));
  return { ...layer, first: () => ctx.scope(name, layer.first) };
}

function inScope(ctx: BuildContext, x: Value, bias: Value, options: EncoderOptions): EncoderLayer {
  const { heads, headWidth, inner, activation, dropout, attentionDropout } = options;
  const [n, length, width] = x.shape as readonly [number, number, number];
  const drops = {
    probabilities: keptShare(ctx, 'attention.probabilities.drop', [n, heads, length, length], attentionDropout),
    attended: keptShare(ctx, 'attention.drop', x.shape, dropout),
    fed: keptShare(ctx, 'feedforward.drop', x.shape, dropout),
  };
  const found = ctx.scope('attention', () => looked(ctx, x, heads, heads * headWidth));

  const worked = (places: Places): { readonly hidden: Value; readonly attended: Attended } => {
    const dropped = (y: Value, kept: Value | undefined, axis: number): Value => (kept ? mul(y, places(kept, axis)) : y);
    const from = places(x, 1);
    return ctx.scope('attention', () => {
      const attended = attend(ctx, from, found, bias, (p) => dropped(p, drops.probabilities, 2));
      const projected = dropped(dense(ctx, 'output', attended.mixed, width), drops.attended, 1);
      return { attended, hidden: bertNorm(ctx, 'norm', add(projected, from)) };
    });
  };
  const fed = (places: Places, y: Value): { readonly hidden: Value; readonly units: Value } =>
    ctx.scope('feedforward', () => {
      const units = activations.of(activation)(dense(ctx, 'inner', y, inner));
      const z = dense(ctx, 'output', units, width);
      return { units, hidden: bertNorm(ctx, 'norm', add(drops.fed ? mul(z, places(drops.fed, 1)) : z, y)) };
    });

  const { hidden, attended } = worked(every);
  return {
    ...fed(every, hidden),
    attention: { ...attended, ...found },
    first: () => fed(first, worked(first).hidden).hidden,
  };
}
