import { z } from 'zod';
import { flow } from '../../losses/features/solution-flow.ts';
import { meanSquaredError } from '../../losses/regression.ts';
import { add, mul } from '../../ops/elementwise.ts';
import { anyTask, type Digest, defineMethod, digested } from '../define.ts';
import { common } from '../options.ts';
import { project } from './projector.ts';
import { type Stage, stageNeeds, stagesOf, stagesOption } from './stages.ts';

const least = 2;

/** The shape of the student's layer with the teacher's number of channels, the second axis of maps and the last of tokens. */
const withChannels = (student: readonly number[], teacher: readonly number[]): readonly number[] => {
  const [from, to] = [teacher.length > 3 ? 1 : teacher.length - 1, student.length > 3 ? 1 : student.length - 1];
  return student.with(to, teacher[from]!);
};

/** How the teacher turns from each stage into the next. */
const flowsOf = (stages: readonly Stage[]): readonly Digest[] =>
  stages.slice(1).map((second, i) => {
    const taps = [stages[i]!.teacher, second.teacher];
    return { name: `flow.${taps.join('.')}`, taps, make: (from, to) => flow(from!, to!) };
  });

export const fsp = defineMethod({
  kind: 'fsp',
  summary: 'Match how each stage turns into the next: products of their channels, averaged over places.',
  paper: 'https://doi.org/10.1109/CVPR.2017.754',
  expect: 'Alone below kd, near no teacher at all. Meant as a first stage; usual weight 50.',
  tasks: anyTask,
  needs: ({ stages }, offer) => {
    const chosen = stagesOf(stages, offer, least);
    return { ...stageNeeds(chosen), digests: flowsOf(chosen) };
  },
  options: z.strictObject({ kind: z.literal('fsp'), ...common, stages: stagesOption(least) }),
  loss: ({ student, teacher, offer, extras }, options) => {
    const stages = stagesOf(options.stages, offer, least);
    const layers = stages.map((stage, i) => {
      const own = student.get(stage.student)!;
      const like = withChannels(own.shape as readonly number[], [1, ...(offer.teacher.get(stage.teacher) as readonly number[])]);
      return project(extras, `stage.${i}`, own, like);
    });
    const flows = flowsOf(stages).map((digest, i) =>
      meanSquaredError(flow(layers[i]!, layers[i + 1]!), digested(teacher, digest)),
    );
    return {
      values: mul(
        flows.reduce((a, b) => add(a, b)),
        1 / flows.length,
      ),
    };
  },
});
