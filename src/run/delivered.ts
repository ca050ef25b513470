import { onlyColumns } from '../data/columns.ts';
import type { Dataset } from '../data/dataset.ts';
import { type FileInputs, narrowed } from '../export/layouts/define.ts';
import { exportedInputs } from '../export/layouts/list.ts';
import { logits as logitsName } from '../export/names.ts';
import { Graph } from '../graph/graph.ts';
import type { Model } from '../models/define.ts';
import { serve, viewInputs } from './evaluate.ts';
import type { Opened } from './opened.ts';
import { columnsKey, taskKey } from './tasks/define.ts';
import type { Trained } from './train.ts';
import { version } from './version.ts';

/** The student as it is delivered. */
export interface DeliveredFile {
  readonly bytes: Uint8Array;
  /** How it takes examples. */
  readonly inputs: FileInputs;
  /** Its inputs, where it is the user's own file. */
  readonly own: readonly string[] | undefined;
}

/**
 * The file that is delivered. Where the student comes from a file that can be fed as exported ones are, and nothing has to be done to
 * its input, it is that file with new weights; else the graph that is evaluated, preprocessing inside.
 */
export async function deliveredFile(
  opened: Pick<Opened, 'recipe' | 'splits' | 'student' | 'lower' | 'task'>,
  model: Model,
  { weights }: Pick<Trained, 'weights'>,
): Promise<DeliveredFile> {
  const { recipe, splits, student, lower, task } = opened;
  const { example } = ownSet(opened, splits.test);
  const metadata = {
    name: recipe.name,
    potstill: version,
    [taskKey]: task.name,
    ...(student.columns && example.layout === 'vector' && { [columnsKey]: JSON.stringify(example.columns.map((c) => c.name)) }),
  };
  const inputs = exportedInputs(example.shape);
  const { signature } = model;
  if (signature && signature.logits === logitsName && inputs.takes(signature.inputs) && isAsItIs(opened)) {
    const bytes = model.file?.(new Map(Object.entries(weights)), metadata);
    const names = signature.inputs.map((v) => v.name);
    if (bytes) return { bytes, inputs: narrowed(inputs, names), own: names };
  }
  const bytes = await serve({ model, weights, inputs, preprocess: student.ownGraph, metadata }, lower);
  return { bytes, inputs, own: undefined };
}

/** Whether the student gets the view as it is. */
function isAsItIs({ splits, student }: Pick<Opened, 'splits' | 'student'>): boolean {
  const view = viewInputs(ownSet({ student }, splits.test).example).open(new Graph());
  return student.ownGraph(view) === view;
}

/** A set as whoever has the delivered file has it: with the columns that the student sees alone. */
export const ownSet = ({ student }: Pick<Opened, 'student'>, set: Dataset): Dataset => onlyColumns(set, student.columns);
