import type { Value } from '../../src/graph/graph.ts';
import { classBalance, confidencePenalty } from '../../src/losses/responses/confidence.ts';
import { cosineOfStates } from '../../src/losses/responses/cosine-states.ts';
import { type DistOptions, dist } from '../../src/losses/responses/dist.ts';
import { type DecoupledOptions, decoupled } from '../../src/losses/responses/dkd.ts';
import { type Mean, meanOfTeachers, towardsMean } from '../../src/losses/responses/ensemble.ts';
import { jensenShannon } from '../../src/losses/responses/jsd.ts';
import { mapClasses, type Rest } from '../../src/losses/responses/map-classes.ts';
import { type MultiLevelOptions, multiLevel } from '../../src/losses/responses/mlkd.ts';
import { type SkewOptions, skewKl } from '../../src/losses/responses/skew-kl.ts';
import { softTargets } from '../../src/losses/responses/soft-targets.ts';
import { standardisedTargets } from '../../src/losses/responses/standardised.ts';
import { type TeacherFreeOptions, teacherFree } from '../../src/losses/responses/tf-kd.ts';
import { type TopOptions, topTargets } from '../../src/losses/responses/top-k.ts';
import { totalVariation } from '../../src/losses/responses/total-variation.ts';
import { universalLogits } from '../../src/losses/responses/uld.ts';
import { weightedSoftLabels } from '../../src/losses/responses/wsld.ts';
import { log } from '../../src/ops/elementwise.ts';
import { pick } from '../../src/ops/gather.ts';
import { goldenLosses } from '../support/golden.ts';

/** What every loss takes of the options of its cases. */
type Options = SkewOptions &
  DecoupledOptions &
  DistOptions &
  MultiLevelOptions &
  TopOptions &
  TeacherFreeOptions & { readonly groups: number[][]; readonly rest: Rest; readonly mean: Mean; readonly temperature: number };

const ensemble = ({ student, teachers, weights }: Readonly<Record<string, Value>>, o: Options): Value => {
  const each = Array.from({ length: teachers!.shape[0] as number }, (_, m) => pick(teachers!, m));
  const logMean = meanOfTeachers(each, log(weights!), o.mean, o.temperature);
  return towardsMean[o.direction](student!, logMean, o.temperature);
};

goldenLosses<Options>('responses.json', {
  jensenShannon: ({ student, teacher }, o) => jensenShannon(student!, teacher!, o.beta, o.temperature),
  skewKl: ({ student, teacher }, o) => skewKl(student!, teacher!, o),
  totalVariation: ({ student, teacher }, o) => totalVariation(student!, teacher!, o.temperature),
  decoupled: ({ student, teacher, target }, o) => decoupled(student!, teacher!, target!, o),
  dist: ({ student, teacher }, o) => dist(student!, teacher!, o),
  standardisedTargets: ({ student, teacher }, o) => standardisedTargets(student!, teacher!, o.temperature),
  cosineOfStates: ({ student, teacher }) => cosineOfStates(student!, teacher!),
  universalLogits: ({ student, teacher }, o) => universalLogits(student!, teacher!, o.temperature),
  mapped: ({ student, teacher }, { groups, rest }) =>
    softTargets(mapClasses(student!, groups, rest), mapClasses(teacher!, groups, rest), 1),
  topTargets: ({ student, teacher }, o) => topTargets(student!, teacher!, o),
  ensemble,
  weightedSoftLabels: ({ student, teacher, target }, o) => weightedSoftLabels(student!, teacher!, target!, o.temperature),
  multiLevel: ({ student, teacher }, o) => multiLevel(student!, teacher!, o),
  confidencePenalty: ({ student }, o) => confidencePenalty(student!, o.beta),
  classBalance: ({ student }) => classBalance(student!),
  teacherFree: ({ student, target }, o) => teacherFree(student!, target!, o),
});
