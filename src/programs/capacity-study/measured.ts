import type { Metrics, Results, Side, Spread } from '../../run/record.ts';
import type { Headline } from '../../run/tasks/define.ts';
import { teacherIn } from '../shared-teacher.ts';
import type { Gaps } from './fit.ts';
import { type Kept, retained } from './retention.ts';

/** One size of student, measured. */
export interface Size {
  readonly model: string;
  readonly parameters: number;
  readonly macs: number;
  /** How many times smaller than the teacher it is, in parameters. */
  readonly compression: number;
  readonly distilled: Metrics;
  readonly scratch: Metrics | null;
}

/** All sizes, the smallest first, and what they are compared with. */
export interface Measured {
  readonly headline: Headline;
  readonly teacher: Side;
  readonly sizes: readonly Size[];
  /** What the teacher is better in: the headline, and the log loss where there is one. */
  readonly losses: readonly Headline[];
}

/** What the runs of all sizes found. @throws MismatchError where the teacher's score was not measured. */
export function measuredOf(all: readonly Results[]): Measured {
  const { headline } = all[0]!;
  const teacher = teacherIn(all[0]!);
  const sizes = all
    .map(({ distilled, scratch }) => ({
      model: distilled.model,
      parameters: distilled.cost.parameters,
      macs: distilled.cost.macs,
      compression: teacher.cost.parameters / distilled.cost.parameters,
      distilled: distilled.metrics,
      scratch: scratch?.metrics ?? null,
    }))
    .sort((a, b) => a.parameters - b.parameters);
  const logLoss = { name: 'nll', higherIsBetter: false };
  return { headline, teacher, sizes, losses: [headline, ...(logLoss.name in teacher.metrics ? [logLoss] : [])] };
}

/** What is taken for the size of a model: what κ is a ratio of. */
export type Measure = 'parameters' | 'macs';
/** Which of the two students of a size. */
export type Pupil = 'distilled' | 'scratch';

/** A metric of each size; sizes without a scratch control are left out of it. */
export const scores = (
  { sizes }: Measured,
  pupil: Pupil,
  metric: string,
): readonly { readonly size: Size; readonly score: Spread }[] =>
  sizes.flatMap((size) => {
    const score = size[pupil]?.[metric];
    return score ? [{ size, score }] : [];
  });

/** How much worse than the teacher students are. */
export const gapsOf = (measured: Measured, pupil: Pupil, { name, higherIsBetter }: Headline, by: Measure): readonly Gaps[] => {
  const { teacher } = measured;
  const best = teacher.metrics[name]!.mean;
  return scores(measured, pupil, name).map(({ size, score }) => ({
    kappa: size[by] / teacher.cost[by],
    gaps: score.perSeed.map((v) => (higherIsBetter ? best - v : v - best)),
  }));
};

/** What students keep of the teacher's headline. */
export const keptOf = (measured: Measured, pupil: Pupil): readonly Kept[] => {
  const { headline, teacher } = measured;
  return scores(measured, pupil, headline.name).map(({ size, score }) => ({
    parameters: size.parameters,
    compression: size.compression,
    retention: score.perSeed.map((v) => retained(headline, v, teacher.metrics[headline.name]!.mean)),
  }));
};
