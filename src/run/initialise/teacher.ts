import { planBatches } from '../../data/batches.ts';
import { usualLength } from '../../data/buckets.ts';
import { subset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import { type Tensor, tensor } from '../../graph/type.ts';
import { architectureOf } from '../../models/architectures/list.ts';
import { type Importance, importanceByActivations } from '../../models/shrink/importance.ts';
import { initialiseFrom } from '../../models/shrink/initialise-from.ts';
import type { Structure } from '../../models/shrink/structure.ts';
import { MismatchError } from '../error.ts';
import { asked } from './asking.ts';
import type { Initialise, Subject } from './define.ts';

/** Layers of the teacher, and of a wider one the channels, heads and units that matter most. */
export const fromTeacher: Initialise<'teacher'> = async ({ layers, importance, examples }, subject) => {
  const { teacher, student, shape, first } = subject;
  const { options, weights } = teacher;
  const [theirs, ours] = [options, student].map((o) => o && architectureOf(o).structure?.(o, shape)) as readonly (
    | Structure
    | undefined
  )[];
  if (!options || !weights || !theirs || !ours || options.kind !== student.kind) {
    throw new MismatchError(
      `student.initialise: found ${teacher.name} as the teacher and a student of kind ${student.kind}; expected a teacher that this run trains (teacher.kind: train), both of one kind whose parts can be told apart (bert); ` +
        'take it out of the recipe, or for a model file give it as the student (student.model.kind: onnx)',
    );
  }
  const scores = importance === 'activations' && narrower(ours, theirs) ? await measured(theirs, examples, subject) : undefined;
  const found = initialiseFrom(new Map(Object.entries(weights([1, ...first]))), theirs, ours, {
    layers,
    ...(scores && { importance: scores }),
  });
  return Object.fromEntries(found);
};

const narrower = (ours: Structure, theirs: Structure): boolean =>
  Object.entries(theirs.counted).some(([name, { units }]) => (ours.counted[name]?.units ?? units) < units);

const batchSize = 32;

/** How strongly each unit of the teacher answers on some examples, drawn at random. */
async function measured(structure: Structure, examples: number, { train, teacher, runtime }: Subject): Promise<Importance> {
  const chosen = random(0, 'initialise/examples').permutation(train.size).slice(0, examples);
  const set = subset(train, chosen);
  const length = usualLength(train)!;
  const views: Tensor[] = [];
  // Of longer texts the beginning is enough.
  for (const batch of planBatches(set, { batchSize, lengths: [] }).epoch(0)) {
    const longest = batch.length!;
    const rows = Array.from({ length: batch.size * 2 }, (_, r) =>
      Array.from(batch.x.subarray(r * longest, r * longest + length)),
    );
    views.push(tensor('float32', [batch.size, 2, length], rows.flat()));
  }
  const importance = importanceByActivations(structure);
  for await (const { view, tensors } of asked({ teacher, runtime }, importance.roles, views)) {
    const count = view.shape[0]!;
    const mask = Array.from({ length: count }, (_, i) =>
      Array.from((view.data as Float32Array).subarray((2 * i + 1) * length, (2 * i + 2) * length), (v) => Number(v > 0)),
    ).flat();
    importance.add(new Map(Object.entries(tensors)), mask);
  }
  return importance.scores();
}
