import { z } from 'zod';
import { hint as hintLoss } from '../../losses/features/hint.ts';
import { anyTextTask, defineMethod } from '../define.ts';
import { layerNeeds, layersOption, matchLayers } from '../layers/list.ts';
import { common } from '../options.ts';
import { project } from './projector.ts';

export const hint = defineMethod({
  kind: 'hint',
  summary: 'Regress features of the teacher from those of the student through a projector that sizes itself.',
  paper: 'https://arxiv.org/abs/1412.6550',
  expect: 'Alone mostly below kd and little above no teacher; usual as a first stage before kd. Usual weight 100.',
  tasks: anyTextTask,
  needs: ({ layers }, offer) => ({ ...layerNeeds(layers, offer, 'hidden'), labels: false }),
  options: z.strictObject({
    kind: z.literal('hint'),
    ...common,
    layers: layersOption('hidden', 'last'),
    form: z
      .enum(['code', 'paper'])
      .default('code')
      .describe('code: mean of squared differences over elements; paper: half of their sum'),
    projector: z
      .enum(['where-needed', 'always'])
      .default('where-needed')
      .describe('where-needed: no trained projector where channels fit already; always: one for every pair'),
    depth: z.int().min(1).max(4).default(1).describe('Layers of the projector, with ReLUs between them'),
  }),
  loss: (signals, { layers, form, projector, depth }) => ({
    values: matchLayers(layers, signals, 'hidden', (student, teacher, name) =>
      hintLoss(project(signals.extras, name, student, teacher.shape, { always: projector === 'always', depth }), teacher, form),
    ),
  }),
});
