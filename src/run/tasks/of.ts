import type { Dataset } from '../../data/dataset.ts';
import { classification } from './classification.ts';
import type { Task } from './define.ts';
import { embedding } from './embedding.ts';
import { regression } from './regression.ts';
import { tokenClassification } from './token-classification.ts';

/** The task that a set poses: what it has labels for, or else to give vectors as the teacher's. */
export function taskOf({ classes, targets, tagged }: Dataset): Task {
  if (classes && tagged) return tokenClassification(classes);
  if (classes) return classification;
  return targets.length > 0 ? regression : embedding;
}
