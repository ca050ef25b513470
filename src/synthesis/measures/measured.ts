import { type Said, saidOf } from './classes.ts';
import { meanConfidence, shareSure, surety } from './confidence.ts';
import { classBalance, coverage } from './coverage.ts';
import { nearDuplicates } from './near-duplicates.ts';
import type { Rows } from './rows.ts';
import { vendiScore } from './vendi.ts';
import { distanceWithinClasses } from './within-classes.ts';

/** Made-up examples and what their teacher makes of them, all in the same order. */
export interface SyntheticSet {
  /** [N, numbers of an example] */
  readonly examples: Rows;
  /** [N, classes]; null where the teacher knows no classes. */
  readonly logits: Rows | null;
  /** [N, D], what the teacher's head reads; without it, diversity is that of the examples themselves. */
  readonly embeddings?: Rows | null;
}

export interface Measure {
  readonly name: string;
  /** null where it has no meaning for this set. */
  readonly value: number | null;
  readonly unit: 'percent' | 'number';
}

/** Everything about a set that is known without any real example. */
export function measured({ examples, logits, embeddings }: SyntheticSet): readonly Measure[] {
  const compared = embeddings ?? examples;
  const said = logits && saidOf(logits);
  return [
    ...(said ? ofClasses(said, compared) : []),
    { name: 'Vendi score', value: vendiScore(compared), unit: 'number' },
    { name: 'near-duplicates', value: nearDuplicates(examples), unit: 'percent' },
  ];
}

const ofClasses = (said: Said, compared: Rows): readonly Measure[] => [
  { name: 'classes covered', value: coverage(said), unit: 'percent' },
  { name: 'class balance', value: classBalance(said), unit: 'percent' },
  { name: 'teacher confidence', value: meanConfidence(said), unit: 'percent' },
  { name: `surer than ${100 * surety} %`, value: shareSure(said), unit: 'percent' },
  { name: 'distance within classes', value: distanceWithinClasses(compared, said), unit: 'number' },
];
