import { z } from 'zod';
import { defineMethod } from '../define.ts';
import { common, distanceOptions, distances } from '../options.ts';

export const regression = defineMethod({
  kind: 'regression',
  summary: 'Match the target values.',
  paper: 'https://doi.org/10.1214/aoms/1177703732',
  expect: 'What training without a teacher does. The Huber form is less drawn to outliers.',
  tasks: ['regression'],
  needs: () => ({ teacher: [], student: ['logits'], labels: true }),
  options: z.strictObject({ kind: z.literal('regression'), ...common, ...distanceOptions }),
  loss: ({ student, target }, { form, delta }) => ({ values: distances[form](student.get('logits')!, target, delta) }),
});
