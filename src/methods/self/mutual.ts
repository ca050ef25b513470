import { z } from 'zod';
import { mutual as learnMutually } from '../../losses/self/mutual.ts';
import { add } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { scheduledTemperature, temperatureOf, temperatureShows } from '../temperature/list.ts';

export const mutual = defineMethod({
  kind: 'mutual',
  summary: 'Several students of one architecture learn together and from each other (DML); the first is kept.',
  paper: 'https://arxiv.org/abs/1706.00384',
  expect: 'About a point over training alone, without any teacher; every further student costs as much as the first.',
  tasks: ['classification'],
  needs: () => ({ teacher: [], student: ['logits'], labels: true }),
  options: z.strictObject({
    kind: z.literal('mutual'),
    ...common,
    peers: z.int().min(1).max(8).default(1).describe('Other students; their own losses are a part of this one'),
    temperature: scheduledTemperature(1),
  }),
  loss: (signals, { peers, temperature }) => {
    const { student, target, extras } = signals;
    const others = Array.from({ length: peers }, (_, i) => extras.peer(`peer.${i}`).get('logits')!);
    const t = temperatureOf(temperature, signals);
    const learnt = learnMutually(student.get('logits')!, others, target, t);
    return {
      values: add(learnt.divergence, learnt.peers),
      shows: { divergence: mean(learnt.divergence), peers: mean(learnt.peers), ...temperatureShows(t) },
    };
  },
});
