import { addedRows, type NamedAugment } from '../data/augmentations.ts';
import type { BatchPlan } from '../data/batches.ts';
import { answerSize, type Dataset, targetSize, vocabularyOf } from '../data/dataset.ts';
import type { Shape } from '../graph/type.ts';
import { offered } from '../models/build.ts';
import type { ModelShape } from '../models/define.ts';
import { allAtLength } from '../models/tokens.ts';
import { outputsAt } from '../teachers/define.ts';
import type { Job } from './job.ts';
import type { ObjectiveSpec } from './objective.ts';

/** What a model sees of examples that augmentations add rows to. */
export function shapeIn(shape: ModelShape, augment: readonly NamedAugment[]): ModelShape {
  const [rows = 0, ...rest] = shape.input;
  return { ...shape, input: [rows + addedRows(augment), ...rest] };
}

/** What a step at each length is made of; the model is prepared for it. */
export async function specsOf(
  job: Job,
  set: Dataset,
  plan: BatchPlan,
  lengths: readonly (number | null)[],
): Promise<(length: number | null) => ObjectiveSpec> {
  const { batchSize, epochs } = job.training;
  const target = [batchSize, targetSize(set)];
  const specs = new Map<number | null, ObjectiveSpec>();
  for (const length of lengths) {
    const each = plan.shapeAt(length);
    const input = set.length ? each : job.input;
    for (const rows of [1, batchSize]) await job.model.prepare?.([rows, ...input]);
    const answers = job.teacher ? await outputsAt(job.teacher, length) : new Map<string, Shape>();
    specs.set(length, {
      student: job.model,
      view: { dtype: 'float32', shape: [batchSize, ...each] },
      preprocess: job.preprocess,
      target,
      teacher: new Map([...answers].map(([name, shape]) => [name, [batchSize, ...shape]])),
      offer: {
        student: offered(job.model, { input, outputs: answerSize(set), ...vocabularyOf(set.example) }),
        teacher: allAtLength(job.offer ?? new Map(), length),
      },
      objective: job.objective,
      balanced: job.balance ?? false,
      examples: set.size,
      steps: epochs * plan.steps,
      stepsPerEpoch: plan.steps,
    });
  }
  return (length) => specs.get(length)!;
}

/** Remembers what a function gave for each argument. */
export function memo<K, V>(make: (key: K) => V): ((key: K) => V) & { has(key: K): boolean } {
  const made = new Map<K, V>();
  const get = (key: K): V => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key)!;
  };
  return Object.assign(get, { has: (key: K) => made.has(key) });
}
