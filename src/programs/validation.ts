import { MismatchError } from '../run/error.ts';
import type { RunRecord } from '../run/record.ts';

/**
 * The headline metric on the validation split of the students that a run delivered, by seed: what programs choose by.
 * @throws MismatchError where there is no validation split.
 */
export function validationScores({ results, history }: Pick<RunRecord, 'results' | 'history'>): readonly number[] {
  const { headline, seeds, distilled } = results;
  return seeds.map((seed, i) => {
    const row = history.find(
      (r) => r.role === 'distilled' && r.split === 'validation' && r.seed === seed && r.epoch === distilled.bestEpoch![i],
    );
    const score = row?.metrics?.[headline.name];
    if (score !== undefined) return score;
    throw new MismatchError(
      'data.validation: found no validation split; expected one, since the test split chooses nothing; set data.validation to a share such as 0.1',
    );
  });
}

/** The mean of `validationScores`, with its sign such that higher is better. */
export function validationScore(record: Pick<RunRecord, 'results' | 'history'>): number {
  const scores = validationScores(record);
  const mean = scores.reduce((s, v) => s + v, 0) / scores.length;
  return record.results.headline.higherIsBetter ? mean : -mean;
}
