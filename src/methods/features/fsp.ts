import { z } from 'zod';
import { solutionFlow } from '../../losses/features/solution-flow.ts';
import { add, mul } from '../../ops/elementwise.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { project } from './projector.ts';
import { stageNeeds, stagesOf, stagesOption } from './stages.ts';

const least = 2;

/** The shape of the student's layer with the teacher's number of channels, the second axis of maps and the last of tokens. */
const withChannels = (student: readonly number[], teacher: readonly number[]): readonly number[] => {
  const [from, to] = [teacher.length > 3 ? 1 : teacher.length - 1, student.length > 3 ? 1 : student.length - 1];
  return student.with(to, teacher[from]!);
};

export const fsp = defineMethod({
  kind: 'fsp',
  summary: 'Match how each stage turns into the next: products of their channels, averaged over places.',
  paper: 'https://doi.org/10.1109/CVPR.2017.754',
  expect: 'Alone below kd, near no teacher at all. Meant as a first stage; usual weight 50.',
  tasks: ['classification', 'regression'],
  needs: ({ stages }, offer) => stageNeeds(stagesOf(stages, offer, least)),
  options: z.strictObject({ kind: z.literal('fsp'), ...common, stages: stagesOption(least) }),
  loss: (signals, options) => {
    const layers = stagesOf(options.stages, signals.offer, least).map((stage, i) => {
      const [student, teacher] = [signals.student.get(stage.student)!, signals.teacher.get(stage.teacher)!];
      const like = withChannels(student.shape as readonly number[], teacher.shape as readonly number[]);
      return { student: project(signals.extras, `stage.${i}`, student, like), teacher };
    });
    const flows = layers
      .slice(1)
      .map((second, i) =>
        solutionFlow(
          { first: layers[i]!.student, second: second.student },
          { first: layers[i]!.teacher, second: second.teacher },
        ),
      );
    return {
      values: mul(
        flows.reduce((a, b) => add(a, b)),
        1 / flows.length,
      ),
    };
  },
});
