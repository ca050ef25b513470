import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { add, tanh } from '../../ops/elementwise.ts';
import { gather } from '../../ops/gather.ts';
import { reshape } from '../../ops/shape.ts';
import type { BuildContext, ModelShape } from '../define.ts';
import { ModelError } from '../error.ts';
import { type ActivationName, activations, dropout } from '../layers.ts';
import { maskBias } from '../text/attention.ts';
import { type BertSizes, bertStructure } from '../text/bert-structure.ts';
import { dense } from '../text/dense.ts';
import { bertNorm, type EncoderLayer, encoderLayer } from '../text/encoder.ts';
import { maskedLanguageHead, outputHeads, tokenHead } from '../text/heads.ts';
import { maskedMean } from '../text/pooling.ts';
import { firstRows, table } from '../text/tables.ts';
import { type Guesses, type Tokens, tokensOf } from '../tokens.ts';
import { defineArchitecture, textSize } from './define.ts';

/** What the head sees of the last layer, [N, D]. */
const pools: Readonly<Record<'pooler' | 'first' | 'mean', (ctx: BuildContext, last: EncoderLayer, mask: Value) => Value>> = {
  pooler: (ctx, last, mask) => tanh(dense(ctx, 'pooler', pools.first(ctx, last, mask), last.hidden.shape[2] as number)),
  first: (_, last) => {
    const first = last.first();
    return reshape(first, [first.shape[0]!, first.shape[2]!]);
  },
  mean: (_, last, mask) => maskedMean(last.hidden, mask),
};

/** Vectors of words, places and texts, added up and normalised. */
function embedded(ctx: BuildContext, { ids, types }: Tokens, sizes: BertSizes): Value {
  return ctx.scope('embeddings', () => {
    const words = gather(table(ctx, 'word', sizes.vocabulary, sizes.width), ids);
    const placed = add(words, firstRows(table(ctx, 'position', sizes.positions, sizes.width), ids));
    const typed = sizes.types === 0 ? placed : add(placed, gather(table(ctx, 'type', sizes.types, sizes.width), types));
    return bertNorm(ctx, 'norm', typed);
  });
}

/** Guesses hidden tokens from the last layer, with the vectors of words as the table of answers. */
function guess(
  ctx: BuildContext,
  hidden: Value,
  { places, answers, valid }: Guesses,
  { vocabulary, width }: BertSizes,
  activation: ActivationName,
): void {
  const words = ctx.scope('embeddings', () => table(ctx, 'word', vocabulary, width));
  ctx.tap('masked', maskedLanguageHead(ctx, hidden, places, words, activation));
  ctx.tap('masked.answers', answers);
  ctx.tap('masked.valid', valid);
}

const bertOptions = z.strictObject({
  kind: z.literal('bert'),
  layers: z.int().min(1).default(2),
  width: z.int().min(1).default(128).describe('Numbers per token'),
  heads: z.int().min(1).default(4).describe('Attention heads of each layer'),
  headWidth: z.int().min(1).optional().describe('Numbers of each head; width / heads by default'),
  inner: z.int().min(1).optional().describe('Units of the feed-forward parts; 4 times the width by default'),
  activation: z.enum(activations.names).default('gelu'),
  positions: z.int().min(1).optional().describe('Longest text in tokens; that of the data by default'),
  types: z
    .union([z.literal(0), z.literal(2)])
    .default(2)
    .describe('Vectors that tell a second text from the first; 0 for none, as DistilBERT'),
  pooling: z
    .enum(['pooler', 'first', 'mean'])
    .default('pooler')
    .describe("What the head sees: the first token through a dense layer and tanh, the first token, or the tokens' mean"),
  head: z
    .enum(['classification', 'embedding'])
    .default('classification')
    .describe('Scores of classes (of each token, where words have them), or a vector of length 1 for the text'),
  dropout: z.number().min(0).lt(1).default(0.1).describe('Share of the results of each part left out in training'),
  attentionDropout: z.number().min(0).lt(1).default(0).describe('Share of the attention probabilities left out in training'),
});

/** @throws ModelError if sizes do not go together. */
function sizesOf(options: z.infer<typeof bertOptions>, shape: ModelShape): BertSizes {
  const { layers, width, heads, types } = options;
  const { longest, vocabulary } = textSize('bert', shape);
  const headWidth = options.headWidth ?? width / heads;
  if (!Number.isInteger(headWidth)) {
    throw new ModelError(
      'bad-option',
      `bert: width ${width} does not divide into ${heads} heads; choose a multiple, or give headWidth`,
    );
  }
  const positions = options.positions ?? longest;
  if (positions < longest) {
    throw new ModelError(
      'bad-option',
      `bert: positions ${positions}, but texts have up to ${longest} tokens; give at least as many, or cut the texts`,
    );
  }
  const { outputs } = shape;
  return { layers, width, heads, headWidth, inner: options.inner ?? 4 * width, vocabulary, positions, types, outputs };
}

export const bert = defineArchitecture({
  kind: 'bert',
  summary: 'Transformer encoder for texts, as BERT: what a browser loads as model_type bert.',
  paper: 'https://arxiv.org/abs/1810.04805',
  options: bertOptions,
  structure: (options, shape) => bertStructure(sizesOf(options, shape)),
  create: (options, shape) => {
    const sizes = sizesOf(options, shape);
    return {
      name: `bert-${sizes.layers}x${sizes.width}`,
      build(ctx, x) {
        const tokens = tokensOf('bert', x);
        let h = embedded(ctx, tokens, sizes);
        ctx.tap('tokens', h);
        ctx.tap('mask', tokens.mask);
        h = dropout(ctx, 'embeddings.drop', h, options.dropout);
        const bias = maskBias(tokens.mask);
        const layers = Array.from({ length: options.layers }, (_, i) => {
          const made = encoderLayer(ctx, `layers.${i}`, h, bias, { ...options, ...sizes });
          h = made.hidden;
          ctx.tap(`hidden.${i}`, h);
          ctx.tap(`attention.${i}`, made.attention.scores);
          ctx.tap(`heads.${i}`, made.attention.mixed);
          ctx.tap(`inner.${i}`, made.units);
          for (const part of ['query', 'key', 'value'] as const) ctx.tap(`${part}.${i}`, made.attention[part]);
          return made;
        });
        if (tokens.guesses) guess(ctx, h, tokens.guesses, sizes, options.activation);
        if (shape.perToken) return tokenHead(ctx, dropout(ctx, 'drop', h, options.dropout), shape.outputs);
        const pooled = pools[options.pooling](ctx, layers.at(-1)!, tokens.mask);
        ctx.tap('embedding', pooled);
        return outputHeads[options.head](ctx, pooled, shape.outputs, options.dropout);
      },
    };
  },
});
