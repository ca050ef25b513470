import type { Said } from './classes.ts';

/** From here on a teacher is called sure. */
export const surety = 0.9;

/** Mean probability of the class that the teacher names, 1/classes to 1; null for no examples. */
export const meanConfidence = ({ confidence }: Said): number | null =>
  confidence.length === 0 ? null : confidence.reduce((a, b) => a + b, 0) / confidence.length;

/** Share of the examples whose class has a probability above `surety`, 0 to 1; null for no examples. */
export const shareSure = ({ confidence }: Said): number | null =>
  confidence.length === 0 ? null : confidence.filter((p) => p > surety).length / confidence.length;
