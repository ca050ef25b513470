import { z } from 'zod';
import { defineMethod } from '../define.ts';
import { common, distanceOptions, distances } from '../options.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const regressionKd = defineMethod({
  kind: 'regression-kd',
  summary: 'Match the values that the teacher predicts.',
  paper: 'https://doi.org/10.1145/1150402.1150464',
  expect: 'Pays where targets are noisy or unlabelled rows are plenty; the student also learns the errors of the teacher.',
  tasks: ['regression'],
  needs: bothLogits,
  options: z.strictObject({ kind: z.literal('regression-kd'), ...common, ...distanceOptions }),
  loss: (signals, { form, delta }) => ({ values: distances[form](...logitsOf(signals), delta) }),
});
