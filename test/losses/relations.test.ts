import { correlation, neighbourDifferences } from '../../src/losses/relations/cc.ts';
import { cosineGram, meanCosine } from '../../src/losses/relations/cosine-gram.ts';
import { darkRank } from '../../src/losses/relations/darkrank.ts';
import { pkt } from '../../src/losses/relations/pkt.ts';
import { rkdAngle } from '../../src/losses/relations/rkd-angle.ts';
import { rkdDistance } from '../../src/losses/relations/rkd-distance.ts';
import { similarityPreserving } from '../../src/losses/relations/sp.ts';
import { goldenLosses } from '../support/golden.ts';

interface Options {
  readonly corners?: number;
  readonly form: 'code' | 'paper';
  readonly gamma?: number;
  readonly order?: number;
  readonly alpha: number;
  readonly beta: number;
  readonly length: number;
  readonly unit?: boolean;
}

goldenLosses<Options>('relations.json', {
  rkdDistance: ({ student, teacher }) => rkdDistance(student!, teacher!),
  rkdAngle: ({ student, teacher }, { corners }) => rkdAngle(student!, teacher!, corners),
  cosineGram: ({ student, teacher }) => cosineGram(student!, teacher!),
  meanCosine: ({ student, teacher }) => meanCosine(student!, teacher!),
  similarityPreserving: ({ student, teacher }) => similarityPreserving(student!, teacher!),
  pkt: ({ student, teacher }, { form }) => pkt(student!, teacher!, form),
  correlation: ({ student, teacher }, options) => correlation(student!, teacher!, options),
  neighbourDifferences: ({ student, teacher }) => neighbourDifferences(student!, teacher!),
  darkRank: ({ student, teacher }, options) => darkRank(student!, teacher!, options),
});
