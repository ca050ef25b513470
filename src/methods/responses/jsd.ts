import { z } from 'zod';
import { jensenShannon } from '../../losses/responses/jsd.ts';
import { defineMethod, rowTasks } from '../define.ts';
import { common } from '../options.ts';
import { temperatureOf, temperatureOption, temperatureShows } from '../temperature/list.ts';
import { bothLogits, logitsOf } from './logits.ts';

export const jsd = defineMethod({
  kind: 'jsd',
  summary: 'Match class probabilities by the generalised Jensen–Shannon divergence.',
  paper: 'https://arxiv.org/abs/2306.13649',
  expect: 'Bounded, so that hopeless examples do not dominate; on plain classification close to kd.',
  tasks: rowTasks,
  needs: bothLogits,
  options: z.strictObject({
    kind: z.literal('jsd'),
    ...common,
    beta: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe(
        'Share of the teacher in the mixture; near 0 and 1 the loss vanishes, exactly 0 and 1 are forward and reverse KL',
      ),
    temperature: temperatureOption(1),
  }),
  loss: (signals, { beta, temperature }) => {
    const t = temperatureOf(temperature, signals);
    return { values: jensenShannon(...logitsOf(signals), beta, t), shows: temperatureShows(t) };
  },
});
