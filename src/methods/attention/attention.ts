import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { attentionDivergence, attentionSquares, type DistributionOptions } from '../../losses/attention/distributions.ts';
import { attentionScores } from '../../losses/attention/scores.ts';
import { anyTextTask, defineMethod } from '../define.ts';
import { layerNeeds, layersOption, matchLayers } from '../layers/list.ts';
import { common } from '../options.ts';
import { given, heads } from './options.ts';

type Form = 'pre' | 'post' | 'post-kl';

const forms: Readonly<Record<Form, (student: Value, teacher: Value, options: Required<DistributionOptions>) => Value>> = {
  // What is a probability already cannot be undone: it is compared as it is.
  pre: (student, teacher, options) =>
    options.given === 'scores' ? attentionScores(student, teacher, options) : attentionSquares(student, teacher, options),
  post: attentionSquares,
  'post-kl': attentionDivergence,
};

export const attentionMaps = defineMethod({
  kind: 'attention',
  summary: 'Match the attention maps of transformer layers.',
  paper: 'https://arxiv.org/abs/1909.10351',
  expect: 'With hidden states, the larger part of what TinyBERT gains before its last stage; for transformers alone.',
  tasks: anyTextTask,
  needs: ({ layers }, offer) => ({ ...layerNeeds(layers, offer, 'attention'), labels: false }),
  options: z.strictObject({
    kind: z.literal('attention'),
    ...common,
    layers: layersOption('attention', 'block-ends'),
    form: z
      .enum(['pre', 'post', 'post-kl'])
      .default('pre')
      .describe(
        'pre: squared differences of the scores (TinyBERT’s code); post: of the probabilities; post-kl: their divergence',
      ),
    given,
    heads,
    padding: z
      .enum(['omit', 'zero'])
      .default('omit')
      .describe('omit: masked positions are left out of the mean; zero: they count as equal (TinyBERT’s code)'),
  }),
  loss: (signals, { layers, form, ...options }) => ({
    values: matchLayers(layers, signals, 'attention', (student, teacher) => forms[form](student, teacher, options)),
  }),
});
