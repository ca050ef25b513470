import { ambiguousOf, bandsOf, curriculumOf, type Difficulty, difficultyOf, hardestOf, suspectsOf } from './difficulty.ts';
import { entropyOf } from './entropy.ts';
import type { Knowledge } from './knowledge.ts';
import { neighboursOf } from './neighbours.ts';
import type { Logits } from './soft-targets.ts';
import { adviseTemperature } from './temperature.ts';

export interface ExplainOptions {
  /** Of the soft targets that classes are compared by; by default the one to start from. */
  readonly temperature?: number | undefined;
}

/** What logits say of the examples they belong to; lists hold places in the set. */
export interface Explained extends Omit<Knowledge, keyof Lists | 'suspects'>, Lists {
  readonly difficulties: Difficulty;
  readonly curriculum: Uint32Array;
}

/** Whole orders, of which a page shows the beginnings. */
interface Lists {
  readonly hardest: Uint32Array;
  readonly ambiguous: Uint32Array;
  readonly mislabelled: Uint32Array;
}

/**
 * Everything that a teacher's logits for a set say about it: which classes look alike, how soft its targets are at which
 * temperature, which examples are hard, ambiguous or possibly mislabelled, and in which order they would be learnt from easy to hard.
 * @param labels One class an example, −1 for none.
 */
export function explainLogits(logits: Logits, labels: ArrayLike<number>, { temperature }: ExplainOptions = {}): Explained {
  const difficulties = difficultyOf(logits, labels);
  const advice = adviseTemperature(logits);
  const mislabelled = suspectsOf(difficulties, logits.width);
  return {
    examples: logits.rows,
    labelled: difficulties.labels.reduce((n, label) => n + Number(label >= 0), 0),
    neighbours: neighboursOf(logits, difficulties.labels, temperature ?? advice.start),
    entropy: entropyOf(logits),
    advice,
    difficulty: bandsOf(difficulties),
    mislabelled,
    hardest: hardestOf(difficulties, mislabelled),
    ambiguous: ambiguousOf(difficulties),
    difficulties,
    curriculum: curriculumOf(difficulties),
  };
}
