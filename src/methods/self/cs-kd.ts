import { z } from 'zod';
import { softTargets } from '../../losses/responses/soft-targets.ts';
import { classPartners } from '../../losses/self/class-partner.ts';
import { stopGradient } from '../../ops/elementwise.ts';
import { gather } from '../../ops/gather.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { scheduledTemperature, temperatureOf, temperatureShows } from '../temperature/list.ts';

export const csKd = defineMethod({
  kind: 'cs-kd',
  summary: 'Match what the student says of another example of the same class, drawn from the batch.',
  paper: 'https://arxiv.org/abs/2003.13964',
  expect:
    'Helps fine-grained classes and calibration where batches are several times the number of classes; the paper draws them in pairs.',
  tasks: ['classification'],
  needs: () => ({ teacher: [], student: ['logits'], labels: true }),
  options: z.strictObject({ kind: z.literal('cs-kd'), ...common, temperature: scheduledTemperature(4) }),
  loss: (signals, { temperature }) => {
    const { student, target, extras } = signals;
    const logits = student.get('logits')!;
    const size = logits.shape[0]!;
    const { at, found } = classPartners(target, extras.uniform('partner', [size, size]));
    const t = temperatureOf(temperature, signals);
    return { values: softTargets(logits, gather(stopGradient(logits), at), t), valid: found, shows: temperatureShows(t) };
  },
});
