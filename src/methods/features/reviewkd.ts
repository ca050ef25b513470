import { z } from 'zod';
import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { showShape } from '../../graph/type.ts';
import { hierarchicalContext } from '../../losses/features/hierarchical-context.ts';
import { add, mul } from '../../ops/elementwise.ts';
import { reshape } from '../../ops/shape.ts';
import { anyTask, defineMethod, type Offer } from '../define.ts';
import { common } from '../options.ts';
import { fuse } from './review-fusion.ts';
import { type Stage, stageNeeds, stagesOf, stagesOption } from './stages.ts';

const least = 1;

/** The stages, and by default the pooled embedding as the deepest of them where both sides have it. */
function reviewed(given: readonly Stage[] | undefined, offer: Offer): readonly Stage[] {
  const stages = stagesOf(given, offer, least);
  const pooled = [offer.student, offer.teacher].every((taps) => taps.get('embedding')?.length === 1);
  return given || !pooled ? stages : [...stages, { student: 'embedding', teacher: 'embedding' }];
}

/** Vectors as maps of one place. */
const shapes: Readonly<Record<number, (x: Value) => Value>> = {
  2: (x) => reshape(x, [...x.shape, 1, 1]),
  4: (x) => x,
};

function asMap(name: string, x: Value): Value {
  const shape = shapes[x.rank];
  if (shape) return shape(x);
  throw new GraphError(
    'shape-mismatch',
    `reviewkd: ${name} is ${showShape(x.shape)}; expected maps [B,C,H,W] or vectors; name other stages`,
  );
}

export const reviewkd = defineMethod({
  kind: 'reviewkd',
  summary: 'Let each stage of the teacher teach that stage and all deeper ones of the student, fused from deep to shallow.',
  paper: 'https://arxiv.org/abs/2104.09044',
  expect:
    'Reported above kd for pictures; costs several convolutions per stage, which may outweigh a small student. Usual weight 1 to 8.',
  tasks: anyTask,
  needs: ({ stages }, offer) => stageNeeds(reviewed(stages, offer)),
  options: z.strictObject({
    kind: z.literal('reviewkd'),
    ...common,
    stages: stagesOption(least),
    width: z.int().min(1).optional().describe('Channels in which stages are fused; by default those of the deepest, 512 at most'),
  }),
  loss: ({ student, teacher, offer, extras }, options) => {
    const stages = reviewed(options.stages, offer).map((stage) => ({
      x: asMap(stage.student, student.get(stage.student)!),
      goal: asMap(stage.teacher, teacher.get(stage.teacher)!),
    }));
    const width = options.width ?? Math.min(512, stages.at(-1)!.x.shape[1] as number);
    let deeper: Value | undefined;
    const values = stages
      .map(({ x, goal }, i) => ({ x, goal, i }))
      .reverse()
      .map(({ x, goal, i }) => {
        const { left, feature } = fuse(extras, `stage.${i}`, { x, deeper, width, like: goal.shape });
        deeper = left;
        return hierarchicalContext(feature, goal);
      });
    return {
      values: mul(
        values.reduce((a, b) => add(a, b)),
        1 / values.length,
      ),
    };
  },
});
