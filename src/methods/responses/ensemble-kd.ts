import { z } from 'zod';
import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { meanOfTeachers, towardsMean } from '../../losses/responses/ensemble.ts';
import { badness, withoutWorst } from '../../losses/responses/teacher-scores.ts';
import { add, exp } from '../../ops/elementwise.ts';
import { pick } from '../../ops/gather.ts';
import { reduceMean } from '../../ops/reduce.ts';
import { logSoftmax } from '../../ops/softmax.ts';
import { defineMethod, type Signals } from '../define.ts';
import { common } from '../options.ts';
import { scheduledTemperature, temperatureOf, temperatureShows } from '../temperature/list.ts';
import { teacherWeightingOf, teacherWeightsSchema } from './teacher-weights/list.ts';

/** Taps of single teachers among those offered; one teacher alone is called `logits`. */
const teachersAmong = (names: Iterable<string>): readonly string[] => {
  const each = [...names].filter((name) => /^logits\.\d+$/.test(name));
  return each.length === 0 ? ['logits'] : each.sort((a, b) => place(a) - place(b));
};
const place = (name: string): number => Number(name.slice('logits.'.length));

export const ensembleKd = defineMethod({
  kind: 'ensemble-kd',
  summary: 'Match the mean of several teachers, each weighted as a whole or for each example.',
  paper: 'https://arxiv.org/abs/1503.02531',
  expect:
    'Close to the ensemble at the cost of one model; weights pay where a teacher is bad on part of the data, else equal ones do.',
  tasks: ['classification'],
  needs: ({ weights }, offer) => {
    const { rule, options } = teacherWeightingOf(weights);
    return { teacher: teachersAmong(offer.teacher.keys()), student: ['logits', ...rule.student(options)], labels: rule.labels };
  },
  options: z.strictObject({
    kind: z.literal('ensemble-kd'),
    ...common,
    mean: z
      .enum(['probabilities', 'logits'])
      .default('probabilities')
      .describe('What is averaged: softened probabilities, or logits before they are softened'),
    direction: z
      .enum(['forward', 'reverse'])
      .default('forward')
      .describe(
        'forward: KL(mean‖student), as Hinton and all ensemble code; reverse: KL(student‖mean), as some articles print it',
      ),
    weights: teacherWeightsSchema.default('equal').describe('equal, a number for each teacher, or a rule'),
    dropWorst: z
      .int()
      .min(0)
      .default(0)
      .describe('How many teachers each example leaves out: the worst on its label, or without one the furthest from the mean'),
    temperature: scheduledTemperature(4),
  }),
  loss: (signals, { mean, direction, weights, dropWorst, temperature }) => {
    const teachers = teachersAmong(signals.teacher.keys()).map((name) => signals.teacher.get(name)!);
    const { rule, options } = teacherWeightingOf(weights);
    const { scores, learning } = rule.score(teachers, signals, options);
    const logWeights = kept(logSoftmax(scores), teachers, signals, dropWorst);
    const t = temperatureOf(temperature, signals);
    const values = towardsMean[direction](signals.student.get('logits')!, meanOfTeachers(teachers, logWeights, mean, t), t);
    const shares = reduceMean(exp(logWeights), [0], false);
    return {
      values: learning ? add(values, learning) : values,
      shows: {
        ...temperatureShows(t),
        ...Object.fromEntries(teachers.map((_, m) => [`teacher.${m}`, pick(shares, m)])),
      },
    };
  },
});

function kept(logWeights: Value, teachers: readonly Value[], { target }: Signals, dropWorst: number): Value {
  if (dropWorst === 0) return logWeights;
  if (dropWorst >= teachers.length) {
    const found = `dropWorst is ${dropWorst} with ${teachers.length} teachers`;
    throw new GraphError('bad-attribute', `ensemble-kd: ${found}; expected fewer, so that one is left; drop fewer`);
  }
  return withoutWorst(logWeights, badness(teachers, target), dropWorst);
}
