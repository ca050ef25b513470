import type { RecipeIssue } from '../recipe/error.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Metrics } from '../run/record.ts';
import { issue } from './define.ts';

/** Data of which only so many labelled examples of each class are trained on, other ones for each seed; nothing is left to validate on. */
export const fewOf = (data: Recipe['data'], perClass: number, seed: number): Recipe['data'] =>
  ({ ...data, validation: 0, perClass, pickSeed: seed }) as Recipe['data'];

/** So many updates of one student on few examples, all in every epoch where a batch holds them; the last epoch counts. */
export function shortly(recipe: Recipe, { steps, examples, seed }: { steps: number; examples: number; seed: number }): Recipe {
  const { earlyStopping: _, ...training } = recipe.training;
  const batchSize = Math.min(training.batchSize, examples);
  const perEpoch = Math.floor(examples / batchSize);
  return {
    ...recipe,
    training: { ...training, batchSize, epochs: Math.ceil(steps / perEpoch) },
    seeds: [seed],
    controls: { scratch: false },
    examples: 0,
  };
}

/** The metrics of a run of one seed. */
export const means = (metrics: Metrics): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(metrics).map(([name, { mean }]) => [name, mean]));

/** What a program cannot have that trains its students itself, once each and from starts of its own. */
export const oneTrainingOnly = ({ stages, student }: Recipe): readonly RecipeIssue[] => [
  ...(stages.length > 0 ? [issue('stages', 'found some; expected none: every student has one training; take them out')] : []),
  ...(student.initialise
    ? [issue('student.initialise', 'found it; expected none: the program says where students start; take it out')]
    : []),
];
