import { z } from 'zod';
import { activationBoundaries } from '../../losses/features/activation-boundaries.ts';
import { anyTask, defineMethod } from '../define.ts';
import { layerNeeds, layersOption, matchLayers } from '../layers/list.ts';
import { common } from '../options.ts';
import { project } from './projector.ts';

export const ab = defineMethod({
  kind: 'ab',
  summary:
    'Put each neuron on the side of zero that it is on in the teacher, by a margin; meant for values before the activation.',
  paper: 'https://arxiv.org/abs/1811.03233',
  expect:
    'A start for the student before other training rather than a loss of its own: alone below kd, sometimes below no teacher.',
  tasks: anyTask,
  needs: ({ layers }, offer) => ({ ...layerNeeds(layers, offer, 'hidden'), labels: false }),
  options: z.strictObject({
    kind: z.literal('ab'),
    ...common,
    layers: layersOption('hidden', 'last'),
    margin: z.number().positive().default(1).describe('How far beyond zero a neuron of the student has to be'),
    form: z.enum(['code', 'paper']).default('code').describe('code: 3/1000 of the sum over neurons; paper: the sum'),
  }),
  loss: (signals, { layers, margin, form }) => ({
    values: matchLayers(layers, signals, 'hidden', (student, teacher, name) =>
      activationBoundaries(project(signals.extras, name, student, teacher.shape), teacher, margin, form),
    ),
  }),
});
