import { z } from 'zod';
import { patience } from '../../losses/features/patience.ts';
import { anyTask, defineMethod } from '../define.ts';
import { layerNeeds, layersOption, matchLayers } from '../layers/list.ts';
import { common } from '../options.ts';
import { project } from './projector.ts';
import { vectorOf } from './vectors.ts';

export const pkd = defineMethod({
  kind: 'pkd',
  summary: 'Match the directions of hidden states, layer by layer: the class token of transformers, the mean over a map.',
  paper: 'https://arxiv.org/abs/1908.09355',
  expect:
    'Made for BERT students that keep the width of the teacher; small gains over kd there. Usual weight 10 to 1000 with the code form.',
  tasks: anyTask,
  needs: ({ layers }, offer) => ({ ...layerNeeds(layers, offer, 'hidden'), labels: false }),
  options: z.strictObject({
    kind: z.literal('pkd'),
    ...common,
    layers: layersOption('hidden', 'uniform'),
    form: z
      .enum(['paper', 'code'])
      .default('paper')
      .describe('paper: squared distance of unit vectors, 0 to 4; code: the same divided by their length D'),
    token: z
      .enum(['class', 'mean'])
      .default('class')
      .describe('What stands for the tokens of an example: the first, or their mean'),
  }),
  loss: (signals, { layers, form, token }) => ({
    values: matchLayers(layers, signals, 'hidden', (student, teacher, name) => {
      const [s, t] = [vectorOf('pkd', student, token), vectorOf('pkd', teacher, token)];
      return patience(project(signals.extras, name, s, t.shape), t, form);
    }),
  }),
});
