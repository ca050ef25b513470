import { z } from 'zod';
import { overHeads } from '../../losses/heads.ts';
import { reverseSoftTargets, softTargets } from '../../losses/responses/soft-targets.ts';
import { defineMethod, rowTasks } from '../define.ts';
import { common, headsOption } from '../options.ts';
import { temperatureOf, temperatureOption, temperatureShows } from '../temperature/list.ts';
import { amongClasses, bothLogits, logitsOf } from './logits.ts';

const directions = { forward: softTargets, reverse: reverseSoftTargets };

export const kd = defineMethod({
  kind: 'kd',
  summary: 'Match the softened class probabilities of the teacher.',
  paper: 'https://arxiv.org/abs/1503.02531',
  expect: 'The baseline that other methods often fail to beat; helps most where labels are few or the teacher much better.',
  tasks: rowTasks,
  needs: bothLogits,
  options: z.strictObject({
    kind: z.literal('kd'),
    ...common,
    temperature: temperatureOption(4),
    direction: z
      .enum(['forward', 'reverse'])
      .default('forward')
      .describe('forward: KL(teacher‖student), covers all classes of the teacher; reverse: KL(student‖teacher), seeks its mode'),
    heads: headsOption,
  }),
  loss: (signals, { temperature, direction, heads }) => {
    const apart = directions[direction];
    const [student, teacher] = logitsOf(signals);
    const t = temperatureOf(temperature, heads ? amongClasses(signals, heads.flat()) : signals);
    const values = heads
      ? overHeads([student, teacher], heads, ([s, other]) => apart(s!, other!, t))
      : apart(student, teacher, t);
    return { values, shows: temperatureShows(t) };
  },
});
