import { z } from 'zod';
import { labelled } from '../../losses/responses/labelled.ts';
import { weightedSoftLabels } from '../../losses/responses/wsld.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { temperatureOf, temperatureOption, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const wsld = defineMethod({
  kind: 'wsld',
  summary: 'Match softened class probabilities, less where the student knows the label better than the teacher.',
  paper: 'https://arxiv.org/abs/2102.00650',
  expect: 'Somewhat over kd on ImageNet in the paper; on small data the two are close.',
  tasks: ['classification'],
  needs: () => ({ ...bothLogits(), labels: true }),
  options: z.strictObject({ kind: z.literal('wsld'), ...common, temperature: temperatureOption(2) }),
  loss: (signals, { temperature }) => {
    const t = temperatureOf(temperature, signals);
    return {
      values: weightedSoftLabels(...logitsOf(signals), signals.target, t),
      valid: labelled(signals.target),
      shows: temperatureShows(t),
    };
  },
});
