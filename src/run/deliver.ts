import { deliveredFile, ownSet } from './delivered.ts';
import { deploy } from './deploy/deploy.ts';
import { ask, serve, viewInputs } from './evaluate.ts';
import type { Tensors } from './store.ts';
import { writeStudent } from './student-folder.ts';
import type { Workplace } from './workplace.ts';

/**
 * Writes a student whose weights did not come of a run: `student/` in the folder of the workplace, as after a run, with the lighter files
 * that the recipe asks for.
 *
 * @param summary A sentence on how good it is, for its README.
 */
export async function deliver(place: Workplace, weights: Tensors, summary: string): Promise<void> {
  const { recipe, splits, student, model, task, shared } = place;
  const { runtime, lower } = shared;
  const opened = { ...place, lower };
  const exported = await deliveredFile(opened, model, { weights });
  const view = viewInputs(splits.test.example);
  const evaluated = await serve({ model, weights, inputs: view, preprocess: student.graph }, lower);
  const lighter = await deploy(recipe.export, {
    file: exported.bytes,
    outputs: await ask(runtime, evaluated, splits.test),
    runtime,
    inputs: exported.inputs,
    train: ownSet(opened, splits.train),
    test: ownSet(opened, splits.test),
    task,
    teacher: null,
    during: {},
  });
  await writeStudent({ ...opened, store: shared.store }, { exported, lighter, architecture: model.name, summary });
}
