import { z } from 'zod';
import { neuronSelectivity } from '../../losses/features/neuron-selectivity.ts';
import { anyTask, defineMethod } from '../define.ts';
import { layerNeeds, layersOption, matchLayers } from '../layers/list.ts';
import { common } from '../options.ts';
import { withPlaces } from './offers.ts';

export const nst = defineMethod({
  kind: 'nst',
  summary: 'Match the distribution of channels, each taken as a picture of where it responds (maximum mean discrepancy).',
  paper: 'https://arxiv.org/abs/1707.01219',
  expect: 'Alone below kd. Usual weight 50.',
  tasks: anyTask,
  needs: ({ layers }, offer) => ({ ...layerNeeds(layers, withPlaces(offer), 'hidden'), labels: false }),
  options: z.strictObject({
    kind: z.literal('nst'),
    ...common,
    layers: layersOption('hidden', 'last'),
    kernel: z
      .enum(['polynomial', 'linear'])
      .default('polynomial')
      .describe('polynomial: squares of products of channels; linear: the mean channel alone'),
  }),
  loss: (signals, { layers, kernel }) => ({
    values: matchLayers(layers, { ...signals, offer: withPlaces(signals.offer) }, 'hidden', (student, teacher) =>
      neuronSelectivity(student, teacher, kernel),
    ),
  }),
});
