import { z } from 'zod';
import { scaleOfVariance, variationalInformation } from '../../losses/features/variational-information.ts';
import { constantInit } from '../../models/init.ts';
import { anyTask, defineMethod } from '../define.ts';
import { layerNeeds, layersOption, matchLayers } from '../layers/list.ts';
import { common } from '../options.ts';
import { project } from './projector.ts';

export const vid = defineMethod({
  kind: 'vid',
  summary:
    'Predict features of the teacher with a learned mean and variance for each channel, so that predictable ones count more.',
  paper: 'https://arxiv.org/abs/1904.05835',
  expect: 'Alone a little below kd; the value may fall below zero. Usual weight 1.',
  tasks: anyTask,
  needs: ({ layers }, offer) => ({ ...layerNeeds(layers, offer, 'hidden'), labels: false }),
  options: z.strictObject({
    kind: z.literal('vid'),
    ...common,
    layers: layersOption('hidden', 'last'),
    depth: z.int().min(1).max(4).default(3).describe('Layers that predict the mean, with ReLUs between them'),
    variance: z.number().min(1e-4).max(50).default(5).describe('Variance at the start'),
  }),
  loss: (signals, { layers, depth, variance }) => ({
    values: matchLayers(layers, signals, 'hidden', (student, teacher, name) => {
      const mean = project(signals.extras, name, student, teacher.shape, { always: true, depth });
      const channels = teacher.shape[teacher.rank > 3 ? 1 : teacher.rank - 1] as number;
      const scale = signals.extras.param(`${name}.scale`, [channels], constantInit(scaleOfVariance(variance)));
      return variationalInformation(mean, teacher, scale);
    }),
  }),
});
