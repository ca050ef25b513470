import type { Dataset } from '../../data/dataset.ts';
import type { TeachingName } from './distil-step.ts';

/** The examples of a seed, divided. */
export interface Examples {
  readonly all: Dataset;
  /** Without those of the quiz. */
  readonly practice: Dataset;
  readonly quiz: Dataset;
}

interface Arm {
  readonly name: string;
  readonly teaching: TeachingName;
  readonly examples: (of: Examples) => Dataset;
  readonly control: boolean;
}

/** What is compared: the same student with the same optimizer, from the same weights, for as many steps. */
export const arms = {
  adapted: { name: 'teacher that adapts', teaching: 'adapts', examples: ({ practice }) => practice, control: false },
  fixed: { name: 'teacher as it was, all examples', teaching: 'stays', examples: ({ all }) => all, control: true },
  practice: {
    name: 'teacher as it was, without those of the quiz',
    teaching: 'stays',
    examples: ({ practice }) => practice,
    control: true,
  },
  scratch: { name: 'labels alone, all examples', teaching: 'none', examples: ({ all }) => all, control: true },
} as const satisfies Record<string, Arm>;
export type ArmName = keyof typeof arms;
export const armNames = Object.keys(arms) as readonly ArmName[];
