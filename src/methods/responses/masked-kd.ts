import { z } from 'zod';
import { guessing, maskedSoftTargets } from '../../losses/responses/masked.ts';
import { anyTextTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { scheduledTemperature, temperatureOf, temperatureShows } from '../temperature/list.ts';

export const maskedKd = defineMethod({
  kind: 'masked-kd',
  summary: 'Match the softened guesses of the teacher for tokens that the augmentation mask-tokens has hidden.',
  paper: 'https://arxiv.org/abs/1910.01108',
  expect: 'The first of the three losses of DistilBERT, in a stage on texts without labels before the task.',
  tasks: anyTextTask,
  needs: () => ({ teacher: ['masked'], student: ['masked', 'masked.valid'], labels: false }),
  options: z.strictObject({
    kind: z.literal('masked-kd'),
    ...common,
    temperature: scheduledTemperature(2),
  }),
  loss: (signals, { temperature }) => {
    const { student, teacher } = signals;
    const valid = student.get('masked.valid')!;
    const t = temperatureOf(temperature, signals);
    return {
      values: maskedSoftTargets(student.get('masked')!, teacher.get('masked')!, valid, t),
      shows: temperatureShows(t),
      valid: guessing(valid),
    };
  },
});
