import { planBatches } from '../../data/batches.ts';
import { usualLength } from '../../data/buckets.ts';
import { subset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import { type Tensor, tensor } from '../../graph/type.ts';
import { architectureOf } from '../../models/architectures/list.ts';
import type { EncoderParts } from '../../models/shrink/encoder-parts.ts';
import { type Importance, importanceByActivations } from '../../models/shrink/importance.ts';
import { initialiseFrom } from '../../models/shrink/initialise-from.ts';
import type { Structure } from '../../models/shrink/structure.ts';
import { MismatchError } from '../error.ts';
import { asked } from './asking.ts';
import type { Initialise, Subject } from './define.ts';
import { fromFile } from './file.ts';

type FromTeacher = Initialise<'teacher'>;

/** Students that take over what the teacher made of their own file; everything else is cut out of the teacher. */
const ways: Readonly<Record<string, FromTeacher>> = { onnx: async (_, subject) => fromFile(subject) };

export const fromTeacher: FromTeacher = (options, subject) => (ways[subject.student.kind] ?? cutOut)(options, subject);

/** Layers of the teacher, and of a wider one the channels, heads and units that matter most. */
const cutOut: FromTeacher = async ({ layers, importance, examples }, subject) => {
  const { teacher, student, shape } = subject;
  const [theirs, ours] = [await partsOf(subject), architectureOf(student).structure?.(student, shape)];
  // Models that are built alike count the same things.
  if (!theirs || !ours || theirs.structure.axes !== ours.axes) {
    throw new MismatchError(
      `student.initialise: found ${teacher.name} as the teacher and a student of kind ${student.kind}; expected a student of kind bert, and a teacher whose parts can be told apart as those of one: bert trained by this run, or an ONNX file of an encoder that normalises behind its sums; ` +
        'take it out of the recipe, or for a model file give it as the student (student.model.kind: onnx)',
    );
  }
  const scores =
    importance === 'activations' && narrower(ours, theirs.structure) ? await measured(theirs, examples, subject) : null;
  return Object.fromEntries(
    initialiseFrom(theirs.weights, theirs.structure, ours, { layers, ...(scores && { importance: scores }) }),
  );
};

/** What a student can be cut out of. */
async function partsOf({ teacher, shape, first }: Subject): Promise<EncoderParts | undefined> {
  const { options, weights, encoder } = teacher;
  const view = [1, ...first];
  if (encoder) return encoder(view);
  const structure = options && architectureOf(options).structure?.(options, shape);
  if (!structure || !weights) return undefined;
  const { roles } = importanceByActivations(structure);
  return { structure, weights: new Map(Object.entries(weights(view))), taps: new Map(roles.map((role) => [role, role])) };
}

const narrower = (ours: Structure, theirs: Structure): boolean =>
  Object.entries(theirs.counted).some(([name, { units }]) => (ours.counted[name]?.units ?? units) < units);

const batchSize = 32;

/** How strongly each unit of the teacher answers on some examples, drawn at random; null where it does not show all of them. */
async function measured(
  { structure, taps }: EncoderParts,
  examples: number,
  { train, teacher, runtime }: Subject,
): Promise<Importance | null> {
  const importance = importanceByActivations(structure);
  const tapOf = (role: string): string => taps.get(role) ?? '';
  if (!importance.roles.every((role) => teacher.offer.has(tapOf(role)))) return null;
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
  for await (const { view, tensors } of asked({ teacher, runtime }, importance.roles.map(tapOf), views)) {
    const count = view.shape[0]!;
    const mask = Array.from({ length: count }, (_, i) =>
      Array.from((view.data as Float32Array).subarray((2 * i + 1) * length, (2 * i + 2) * length), (v) => Number(v > 0)),
    ).flat();
    importance.add(new Map(importance.roles.map((role) => [role, tensors[tapOf(role)]!])), mask);
  }
  return importance.scores();
}
