import { z } from 'zod';
import { mul } from '../../ops/elementwise.ts';
import { gather } from '../../ops/gather.ts';
import { concat } from '../../ops/movement.ts';
import { reshape, transpose } from '../../ops/shape.ts';
import { activations, answer, slidingConv } from '../layers.ts';
import { maskedMax } from '../text/pooling.ts';
import { plainUniform, table } from '../text/tables.ts';
import { tokensOf } from '../tokens.ts';
import { defineArchitecture, textSize } from './define.ts';

export const textCnn = defineArchitecture({
  kind: 'text-cnn',
  summary: 'Convolutions over word vectors, and the largest answer of each: small and fast for sentences.',
  paper: 'https://arxiv.org/abs/1408.5882',
  options: z.strictObject({
    kind: z.literal('text-cnn'),
    width: z.int().min(1).default(128).describe('Numbers per token'),
    windows: z.array(z.int().min(1)).min(1).default([3, 4, 5]).describe('Tokens that each kind of filter sees at a time'),
    filters: z.int().min(1).default(100).describe('Filters of each kind'),
    activation: z.enum(activations.names).default('relu'),
    dropout: z.number().min(0).lt(1).default(0.5).describe('Share of the classifier inputs left out in training'),
  }),
  create: (options, shape) => {
    const { vocabulary } = textSize('text-cnn', shape);
    return {
      name: `text-cnn-${options.windows.join('-')}x${options.filters}`,
      build(ctx, x) {
        const { ids, mask } = tokensOf('text-cnn', x);
        const words = gather(table(ctx, 'word', vocabulary, options.width, plainUniform), ids);
        // Windows that reach over the end of a text find zeros there, however long the batch is.
        const tokens = mul(words, reshape(mask, [...mask.shape, 1]));
        ctx.tap('mask', mask);
        ctx.tap('tokens', tokens);
        const channels = transpose(tokens, [0, 2, 1]);
        const found = options.windows.map((size, i) => {
          const answers = slidingConv(ctx, `conv${i + 1}`, channels, options.filters, size);
          return maskedMax(activations.of(options.activation)(answers), mask);
        });
        const pooled = concat(found, 1);
        ctx.tap('embedding', pooled);
        return answer(ctx, 'classifier', pooled, shape.outputs, options.dropout);
      },
    };
  },
});
