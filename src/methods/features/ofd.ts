import { z } from 'zod';
import { negativeMeans, partialDistance } from '../../losses/features/partial-distance.ts';
import { anyTask, defineMethod } from '../define.ts';
import { layerNeeds, layersOption, matchLayers } from '../layers/list.ts';
import { common } from '../options.ts';
import { project } from './projector.ts';

export const ofd = defineMethod({
  kind: 'ofd',
  summary:
    'Squared distance of features before the activation, which forgives the student for being lower where both are negative.',
  paper: 'https://arxiv.org/abs/1904.01866',
  expect:
    'Reported near or above kd with values before the activation; after it there is nothing to forgive, and it ' +
    'is a hint. Usual weight 0.001.',
  tasks: anyTask,
  needs: ({ layers }, offer) => ({ ...layerNeeds(layers, offer, 'hidden'), labels: false }),
  options: z.strictObject({
    kind: z.literal('ofd'),
    ...common,
    layers: layersOption('hidden', 'last'),
  }),
  loss: (signals, { layers }) => ({
    values: matchLayers(layers, signals, 'hidden', (student, teacher, name) =>
      partialDistance(project(signals.extras, name, student, teacher.shape, { always: true }), teacher, negativeMeans(teacher)),
    ),
  }),
});
