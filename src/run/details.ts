import type { Dataset } from '../data/dataset.ts';
import { pictureOf } from '../data/png.ts';
import { explainLogits } from '../explain/explain.ts';
import { labelsOf } from './evaluate.ts';
import { knowledgeOf } from './knowledge.ts';
import type { Details, Example } from './record.ts';
import type { Said, Task } from './tasks/define.ts';

/** What only the report needs: behaviour on the test set, and the examples that tell most about the difference. */
export async function detailsOf(
  task: Task,
  outputs: Said,
  test: Dataset,
  count: number,
  notes: readonly string[],
): Promise<Details> {
  const describe = task.describe(test, outputs);
  const indices = describe.telling().slice(0, count);
  const { teacher, scratch, distilled } = outputs;
  const examples = await Promise.all(
    indices.map(
      async (index): Promise<Example> => ({
        index,
        picture: await pictureOf(test, index),
        row: test.row(index),
        label: describe.label(index),
        teacher: teacher && describe.prediction(teacher, index),
        scratch: scratch && describe.prediction(scratch, index),
        distilled: describe.prediction(distilled, index)!,
      }),
    ),
  );
  return {
    version: 1,
    teacher: teacher && describe.behaviour(teacher),
    scratch: scratch && describe.behaviour(scratch),
    distilled: describe.behaviour(distilled),
    examples,
    notes,
    ...(teacher &&
      task.explains && {
        knowledge: await knowledgeOf(explainLogits(teacher, labelsOf(test)), {
          logits: teacher,
          dataset: test,
          count: Math.min(count, listed),
        }),
      }),
  };
}

/** Examples of each list of what the teacher knows. */
const listed = 6;
