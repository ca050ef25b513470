import { z } from 'zod';
import { gather } from '../../ops/gather.ts';
import { activations, dropout, linear } from '../layers.ts';
import { outputHeads } from '../text/heads.ts';
import { maskedMean } from '../text/pooling.ts';
import { plainUniform, table } from '../text/tables.ts';
import { tokensOf } from '../tokens.ts';
import { defineArchitecture, textSize } from './define.ts';

export const bag = defineArchitecture({
  kind: 'bag',
  summary: 'The mean of word vectors, whatever their order: the fastest student for texts, also without any training.',
  paper: 'https://arxiv.org/abs/1607.01759',
  options: z.strictObject({
    kind: z.literal('bag'),
    width: z.int().min(1).default(128).describe('Numbers per token'),
    hidden: z.array(z.int().min(1)).default([]).describe('Units of each layer between the mean and the head'),
    activation: z.enum(activations.names).default('relu'),
    head: z
      .enum(['classification', 'embedding'])
      .default('classification')
      .describe('Scores of classes, or a vector of length 1 for the text'),
    dropout: z.number().min(0).lt(1).default(0).describe('Share of what each layer sees left out in training'),
  }),
  words: ({ width }) => ({ parameter: 'word.weight', width }),
  create: (options, shape) => {
    const { vocabulary } = textSize('bag', shape);
    return {
      name: ['bag', options.width, ...options.hidden].join('-'),
      build(ctx, x) {
        const { ids, mask } = tokensOf('bag', x);
        const words = gather(table(ctx, 'word', vocabulary, options.width, plainUniform), ids);
        ctx.tap('mask', mask);
        ctx.tap('tokens', words);
        let h = maskedMean(words, mask);
        options.hidden.forEach((units, i) => {
          h = activations.of(options.activation)(
            linear(ctx, `fc${i + 1}`, dropout(ctx, `drop${i + 1}`, h, options.dropout), units),
          );
          ctx.tap(`hidden.${i}`, h);
        });
        ctx.tap('embedding', h);
        return outputHeads[options.head](ctx, h, shape.outputs, options.dropout);
      },
    };
  },
});
