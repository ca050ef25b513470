import { z } from 'zod';
import { reverseSoftTargets, softTargets } from '../losses/soft-targets.ts';
import { defineMethod } from './define.ts';
import { weight } from './options.ts';

const directions = { forward: softTargets, reverse: reverseSoftTargets };

export const kd = defineMethod({
  kind: 'kd',
  summary: 'Match the softened class probabilities of the teacher.',
  paper: 'https://arxiv.org/abs/1503.02531',
  expect: 'The baseline that other methods often fail to beat; helps most where labels are few or the teacher much better.',
  tasks: ['classification'],
  needs: () => ({ teacher: ['logits'], student: ['logits'], labels: false }),
  options: z.strictObject({
    kind: z.literal('kd'),
    weight,
    temperature: z.number().positive().default(4).describe('Softens both sides; the loss is multiplied by its square'),
    direction: z
      .enum(['forward', 'reverse'])
      .default('forward')
      .describe('forward: KL(teacher‖student), covers all classes of the teacher; reverse: KL(student‖teacher), seeks its mode'),
  }),
  loss: ({ student, teacher }, { temperature, direction }) => ({
    values: directions[direction](student.get('logits')!, teacher.get('logits')!, temperature),
  }),
});
