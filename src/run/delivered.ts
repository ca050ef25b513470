import { type FileInputs, narrowed } from '../export/layouts/define.ts';
import { exportedInputs } from '../export/layouts/list.ts';
import { logits as logitsName } from '../export/names.ts';
import { Graph } from '../graph/graph.ts';
import type { Model } from '../models/define.ts';
import { serve, viewInputs } from './evaluate.ts';
import type { Opened } from './opened.ts';
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
export async function deliveredFile(opened: Opened, model: Model, { weights }: Trained): Promise<DeliveredFile> {
  const { recipe, splits, student, lower } = opened;
  const metadata = { name: recipe.name, potstill: version };
  const inputs = exportedInputs(splits.test.example.shape);
  const { signature } = model;
  if (signature && signature.logits === logitsName && inputs.takes(signature.inputs) && isAsItIs(opened)) {
    const bytes = model.file?.(new Map(Object.entries(weights)), metadata);
    const names = signature.inputs.map((v) => v.name);
    if (bytes) return { bytes, inputs: narrowed(inputs, names), own: names };
  }
  const bytes = await serve({ model, weights, inputs, preprocess: student.graph, metadata }, lower);
  return { bytes, inputs, own: undefined };
}

/** Whether the student gets the view as it is. */
function isAsItIs({ splits, student }: Opened): boolean {
  const view = viewInputs(splits.test.example).open(new Graph());
  return student.graph(view) === view;
}
