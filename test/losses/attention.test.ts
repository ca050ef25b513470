import { attentionDivergence, attentionSquares, type DistributionOptions } from '../../src/losses/attention/distributions.ts';
import { attentionScores } from '../../src/losses/attention/scores.ts';
import { selfRelations } from '../../src/losses/attention/self-relations.ts';
import { goldenLosses } from '../support/golden.ts';

interface Options extends Omit<DistributionOptions, 'heads'> {
  // Means or groups of attention heads; a number of relation heads.
  readonly heads?: never;
}

goldenLosses<Options>('attention.json', {
  attentionScores: ({ student, teacher }, options) => attentionScores(student!, teacher!, options),
  attentionSquares: ({ student, teacher }, options) => attentionSquares(student!, teacher!, options),
  attentionDivergence: ({ student, teacher }, options) => attentionDivergence(student!, teacher!, options),
  selfRelations: ({ student, teacher, open }, options) => selfRelations(student!, teacher!, open ? { open } : options),
});
