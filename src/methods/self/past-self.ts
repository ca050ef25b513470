import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { pastTargets } from '../../losses/self/past-targets.ts';
import { zeros } from '../../models/init.ts';
import { stopGradient } from '../../ops/elementwise.ts';
import { gather, scatterNd } from '../../ops/gather.ts';
import { unsqueeze } from '../../ops/shape.ts';
import { defineMethod, type Progress, type Signals } from '../define.ts';
import { common } from '../options.ts';
import { scheduledTemperature, temperatureOf, temperatureShows } from '../temperature/list.ts';

const epochOf = ({ step, stepsPerEpoch }: Progress): number => Math.floor(step / stepsPerEpoch);

/** After the last step of an epoch the copy is renewed. */
const keep = ({ step, stepsPerEpoch }: Progress): number => ((step + 1) % stepsPerEpoch === 0 ? 0 : 1);

/** αₜ of epoch t from 1; 0 in the first, which has no past. */
const growths: Readonly<Record<'linear' | 'constant', (progress: Progress) => number>> = {
  linear: (progress) => (epochOf(progress) + 1) / Math.ceil(progress.steps / progress.stepsPerEpoch),
  constant: () => 1,
};

/** Logits of the past, [B, K]. */
const pasts: Readonly<Record<'copy' | 'record', (signals: Signals) => Value>> = {
  copy: ({ extras }) => extras.shadow('past', keep).get('logits')!,
  record: ({ student, extras }) => {
    const logits = stopGradient(student.get('logits')!);
    const record = extras.buffer('record', [extras.examples, logits.shape[1] as number], zeros);
    const places = extras.indices();
    record.update(scatterNd(record.value, unsqueeze(places, [1]), logits));
    return gather(record.value, places);
  },
};

export const pastSelf = defineMethod({
  kind: 'past-self',
  summary: 'Labels mixed with what the student itself said an epoch ago, ever more of it (PS-KD); stands in for the labels loss.',
  paper: 'https://arxiv.org/abs/2006.12000',
  expect: 'A small gain and better calibration for long trainings; costs a second forward pass, or a table of all answers.',
  tasks: ['classification'],
  needs: () => ({ teacher: [], student: ['logits'], labels: true }),
  options: z.strictObject({
    kind: z.literal('past-self'),
    ...common,
    temperature: scheduledTemperature(1),
    alpha: z.number().min(0).max(1).default(0.8).describe('Share of the past in the target of the last epoch'),
    growth: z.enum(['linear', 'constant']).default('linear').describe('How that share is come to, from the second epoch on'),
    past: z
      .enum(['copy', 'record'])
      .default('copy')
      .describe(
        'copy: the student as the last epoch left it (the paper); record: what it said during the epoch (the official code)',
      ),
  }),
  loss: (signals, { temperature, alpha, growth, past }) => {
    const { student, target, extras } = signals;
    const share = extras.scalar('alpha', (progress) => (epochOf(progress) === 0 ? 0 : alpha * growths[growth](progress)));
    const t = temperatureOf(temperature, signals);
    return {
      values: pastTargets(student.get('logits')!, pasts[past](signals), target, share, t),
      shows: { alpha: share, ...temperatureShows(t) },
    };
  },
});
