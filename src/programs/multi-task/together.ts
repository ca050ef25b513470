import { type LossOptions, lossSchema } from '../../methods/index.ts';
import { countParameters } from '../../models/build.ts';
import { deliver } from '../../run/deliver.ts';
import { ask, serve, viewInputs } from '../../run/evaluate.ts';
import { shapeFor } from '../../run/input.ts';
import type { Matrix } from '../../run/metrics.ts';
import type { Tensors } from '../../run/store.ts';
import { openModel } from '../../run/student-model.ts';
import { taskOf } from '../../run/tasks/of.ts';
import { train } from '../../run/train.ts';
import type { Workplace } from '../../run/workplace.ts';
import { cachedTeacher } from '../../teachers/cache.ts';
import type { Workshop } from '../define.ts';
import type { ByTask } from './alone.ts';
import { type Member, type Merged, merged } from './merged.ts';
import type { MultiTaskOptions } from './options.ts';
import type { Tasks } from './tasks.ts';

/** One student of all tasks. */
export interface Joint {
  readonly byTask: ByTask;
  readonly parameters: number;
}

/** Trains one student with a head for each task, and measures every head on the test split of its task. */
export async function together(o: MultiTaskOptions, workshop: Workshop, tasks: Tasks): Promise<Joint> {
  const { teacher: _, ...recipe } = workshop.recipe;
  const place = await placeFor(await workshop.open('together', recipe), tasks, o);
  const { members } = tasks;
  const { runtime, lower } = place.shared;
  const all = merged(members('train'), o.sampling);
  const heads = members('train').map((m) => [...m.classes]);
  const taught = tasks.all.some((t) => t.said);
  const losses = lossesOf(members('train'), tasks);
  const metricsOf = async (weights: Tensors, split: 'validation' | 'test') => {
    const file = await serve(
      { model: place.model, weights, inputs: viewInputs(all.dataset.example), preprocess: tasks.input.graph },
      lower,
    );
    const found: Readonly<Record<string, number>>[] = [];
    for (const { dataset, classes } of members(split)) {
      const outputs = columns(await ask(runtime, file, dataset), classes);
      found.push(taskOf(dataset).metrics(outputs, dataset, null));
    }
    return found;
  };
  const validated = members('validation').every((m) => m.dataset.size > 0);
  const byTask: Readonly<Record<string, number>>[][] = tasks.all.map(() => []);
  let first: Tensors | null = null;
  for (const seed of recipe.seeds) {
    const { weights } = await train(
      {
        role: 'distilled',
        seed,
        model: place.model,
        input: tasks.input.shape,
        preprocess: tasks.input.graph,
        objective: { losses },
        training: recipe.training,
        augment: [],
        teacher: taught ? cachedTeacher({ logits: recorded(all, tasks, heads.flat().length) }) : null,
        offer: new Map(taught ? [['logits', [heads.flat().length]]] : []),
      },
      {
        ...place.shared,
        train: all.dataset,
        validate: validated
          ? async (_, weights) => {
              const each = await metricsOf(weights, 'validation');
              return { accuracy: each.reduce((sum, m) => sum + m.accuracy!, 0) / each.length };
            }
          : null,
      },
    );
    first ??= weights;
    (await metricsOf(weights, 'test')).forEach((metrics, i) => void byTask[i]!.push(metrics));
  }
  await deliver(place, first!, `One student of ${tasks.all.map((t) => t.name).join(', ')}.`);
  workshop.note(
    'The student of all tasks (first seed) is in parts/together/student; its classes carry the names of their tasks, and each task is a softmax of its own.',
  );
  return { byTask, parameters: countParameters(place.model, place.shape) };
}

/** A workplace as it was opened for the first task, with the data and the student of all. */
async function placeFor(place: Workplace, { members, input }: Tasks, { sampling }: MultiTaskOptions): Promise<Workplace> {
  const splits = {
    ...place.splits,
    train: merged(members('train'), sampling).dataset,
    validation: merged(members('validation'), 1).dataset,
    test: merged(members('test'), 1).dataset,
  };
  const shape = shapeFor(input, splits.train);
  const { runtime } = place.shared;
  const model = await openModel(place.recipe.student.model, shape, { runtime, folder: place.folder, hub: place.hub });
  return { ...place, splits, student: input, shape, model, task: taskOf(splits.train) };
}

/** Labels in the head of their task; of each teacher what it says of its own examples, by their share. */
function lossesOf(members: readonly Member[], { all, soft }: Tasks): LossOptions[] {
  const heads = members.map((m) => [...m.classes]);
  const taught = all.flatMap(({ said }, i) => (said ? [i] : []));
  const size = members.reduce((n, m) => n + m.dataset.size, 0);
  if (taught.length === 0) return [lossSchema.parse({ kind: 'labels', heads })];
  const inHeads: Readonly<Record<string, (loss: LossOptions) => readonly object[]>> = {
    labels: (loss) => [{ ...loss, heads }],
    kd: (loss) =>
      taught.map((i) => ({
        ...loss,
        heads: [heads[i]],
        weight: ((loss.weight as number) * members[i]!.dataset.size) / size,
        examples: [{ by: 'classes', classes: heads[i] }],
      })),
  };
  return soft.flatMap((loss) => inHeads[loss.kind]!(loss).map((l) => lossSchema.parse(l)));
}

/** What each teacher says of the examples of its task, in the columns of its classes. */
function recorded({ dataset, at }: Merged, { all, members }: Tasks, width: number) {
  const data = new Float32Array(dataset.size * width);
  const places = members('train').map((m) => m.classes);
  for (let i = 0; i < dataset.size; i++) {
    const { member, index } = at(i);
    const { said } = all[member]!;
    places[member]!.forEach((place, c) => {
      data[i * width + place] = said ? said.data[index * said.width + c]! : 0;
    });
  }
  return { dtype: 'float32' as const, shape: [dataset.size, width], data };
}

/** Some columns of a matrix. */
function columns({ data, rows, width }: Matrix, chosen: readonly number[]): Matrix {
  const out = new Float32Array(rows * chosen.length);
  for (let r = 0; r < rows; r++) {
    for (const [i, c] of chosen.entries()) out[r * chosen.length + i] = data[r * width + c]!;
  }
  return { data: out, rows, width: chosen.length };
}
