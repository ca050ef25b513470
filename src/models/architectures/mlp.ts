import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { flatten } from '../../ops/shape.ts';
import type { BuildContext } from '../define.ts';
import { activations, answer, batchNorm, dropout, layerNorm, linear } from '../layers.ts';
import { defineArchitecture } from './define.ts';

const norms: Readonly<Record<'none' | 'batch' | 'layer', (ctx: BuildContext, name: string, x: Value) => Value>> = {
  none: (_, __, x) => x,
  batch: batchNorm,
  layer: layerNorm,
};

export const mlp = defineArchitecture({
  kind: 'mlp',
  summary: 'Fully connected layers: for tables, and for small pictures as plain lists of numbers.',
  paper: 'https://doi.org/10.1038/323533a0',
  options: z.strictObject({
    kind: z.literal('mlp'),
    hidden: z.array(z.int().min(1)).default([128, 128]).describe('Units of each hidden layer'),
    activation: z.enum(activations.names).default('relu'),
    norm: z.enum(['none', 'batch', 'layer']).default('none').describe('Normalisation before the activation'),
    dropout: z.number().min(0).lt(1).default(0).describe('Share of hidden units left out in training'),
    inputDropout: z.number().min(0).lt(1).default(0).describe('Share of input numbers left out in training'),
  }),
  create: (options, { outputs }) => ({
    name: ['mlp', ...options.hidden].join('-'),
    build(ctx, x) {
      const activation = activations.of(options.activation);
      let h = dropout(ctx, 'drop0', flatten(x), options.inputDropout);
      options.hidden.forEach((units, i) => {
        const y = activation(norms[options.norm](ctx, `norm${i + 1}`, linear(ctx, `fc${i + 1}`, h, units)));
        ctx.tap(`hidden.${i}`, y);
        h = dropout(ctx, `drop${i + 1}`, y, options.dropout);
      });
      ctx.tap('embedding', h);
      return answer(ctx, `fc${options.hidden.length + 1}`, h, outputs);
    },
  }),
});
