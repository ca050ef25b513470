import { z } from 'zod';
import { defineMethod } from './define.ts';
import { distanceOptions, distances, weight } from './options.ts';

export const regressionKd = defineMethod({
  kind: 'regression-kd',
  summary: 'Match the values that the teacher predicts.',
  paper: 'https://doi.org/10.1145/1150402.1150464',
  expect: 'Pays where targets are noisy or unlabelled rows are plenty; the student also learns the errors of the teacher.',
  tasks: ['regression'],
  needs: () => ({ teacher: ['logits'], student: ['logits'], labels: false }),
  options: z.strictObject({ kind: z.literal('regression-kd'), weight, ...distanceOptions }),
  loss: ({ student, teacher }, { form, delta }) => ({
    values: distances[form](student.get('logits')!, teacher.get('logits')!, delta),
  }),
});
