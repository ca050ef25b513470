import { prepareAugmentations } from '../../data/augmentations.ts';
import { type BatchPlan, planBatches } from '../../data/batches.ts';
import { type Dataset, subset } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import type { Tensor } from '../../graph/type.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { MismatchError } from '../../run/error.ts';
import type { Tensors } from '../../run/store.ts';
import type { Workplace } from '../../run/workplace.ts';
import { oneGraph, type Room } from '../unrolled/engine.ts';
import { type Judged, type Learnt, trainUnrolled } from '../unrolled/loop.ts';
import { type ArmName, arms, type Examples } from './arms.ts';
import { buildDistilStep, type DistilSpec, inputs, teacherPrefix } from './distil-step.ts';

/** Steps in a call of the engine. */
const perCall = 8;

/**
 * Divides the train split for a seed. Only labelled examples can judge.
 * @param quiz A share, or a count.
 */
export function dividedFor(all: Dataset, quiz: number, seed: number): Examples {
  const indices = Array.from({ length: all.size }, (_, i) => i);
  const labelled = indices.filter((i) => all.label(i) >= 0);
  const size = quiz < 1 ? Math.max(1, Math.round(quiz * labelled.length)) : quiz;
  if (size >= all.size || size > labelled.length) {
    throw new MismatchError(
      `program.quiz: found ${quiz}, which is ${size} of ${all.size} examples, ${labelled.length} of them with labels; expected fewer, since the student learns from the rest; take a smaller share, or more data`,
    );
  }
  const order = random(seed, 'meta-distil/quiz').permutation(labelled.length);
  const chosen = new Set(Array.from(order.subarray(0, size), (i) => labelled[i]!));
  return {
    all,
    practice: subset(all, Uint32Array.from(indices.filter((i) => !chosen.has(i)))),
    quiz: subset(all, Uint32Array.from([...chosen].sort((a, b) => a - b))),
  };
}

/** Weights of student and teacher, apart. */
export interface Pair {
  readonly student: Tensors;
  /** Null where the teacher stays as it was, or there is none. */
  readonly teacher: Tensors | null;
}

export interface ArmTraining {
  readonly arm: ArmName;
  readonly seed: number;
  readonly examples: Examples;
  readonly training: Recipe['training'];
  readonly spec: Omit<DistilSpec, 'batchSize' | 'quizSize' | 'steps' | 'view'>;
  /** Measures both after an epoch; null where there is nothing to validate on. */
  readonly measure: ((pair: Pair) => Promise<Judged>) | null;
}

/** Trains a student in one of the ways that are compared; epochs are those of the examples without the quiz, whatever it learns from. */
export async function trainArm(
  { arm, seed, examples, training, spec: models, measure }: ArmTraining,
  { shared }: Pick<Workplace, 'shared'>,
): Promise<Pair & Pick<Learnt, 'bestEpoch' | 'bestValue'>> {
  const { teaching, examples: choose } = arms[arm];
  const augment = prepareAugmentations(training.augment, examples.all);
  const planOf = (set: Dataset, batchSize: number, own = augment): BatchPlan =>
    planBatches(set, { batchSize, seed, shuffle: true, dropLast: true, augment: own });
  const batchSize = Math.min(training.batchSize, examples.practice.size);
  const plan = planOf(choose(examples), batchSize);
  const perEpoch = planOf(examples.practice, batchSize).steps;
  const quizSize = Math.min(batchSize, examples.quiz.size);
  const steps = training.epochs * perEpoch;
  const view = examples.all.example.shape;
  const spec: DistilSpec = { ...models, view, batchSize, quizSize, steps };
  const step = await buildDistilStep(spec, teaching);
  const adapts = teaching === 'adapts';
  const quizPlan = adapts ? planOf(examples.quiz, quizSize, []) : null;
  const size = view.reduce((a, b) => a * b, 1);
  const fill = (first: number, count: number, room: Room): void => {
    const one = (from: BatchPlan, names: { readonly view: string; readonly target: string }): void => {
      const rows = from.batchSize;
      const [x, target] = [room(names.view, [rows, ...view]), room(names.target, [rows, spec.classes])];
      for (let i = 0; i < count; i++) {
        const part = (of: Float32Array, each: number) => of.subarray(i * rows * each, (i + 1) * rows * each);
        const at = first + i;
        const batch = from.allocate({ x: part(x, size), target: part(target, spec.classes) });
        from.fill(batch, Math.floor(at / from.steps) + 1, at % from.steps);
      }
    };
    one(plan, inputs.batch);
    if (quizPlan) one(quizPlan, inputs.quiz);
  };
  const start = new Map([...spec.student.params, ...(adapts ? named(spec.teacher.params) : [])]);
  const apart = (state: Tensors): Pair => ({
    student: Object.fromEntries([...spec.student.params.keys()].map((name) => [name, state[name]!])),
    teacher: adapts ? teacherOf(spec.teacher, state) : null,
  });
  const { weights, ...best } = await trainUnrolled(
    {
      name: `distilled-${seed}`,
      model: adapts ? `${spec.student.model.name} and its teacher` : spec.student.model.name,
      seed,
      start,
      slots: step.slots,
      steps,
      perCall,
      perEpoch,
      examples: batchSize,
      term: 'loss',
      learningRate: step.learningRate,
      open: oneGraph(step, fill, shared),
      measure: measure ? (state) => measure(apart(state)) : undefined,
    },
    shared,
  );
  return { ...apart(weights), ...best };
}

const named = (params: ReadonlyMap<string, Tensor>) => [...params].map(([name, t]) => [teacherPrefix + name, t] as const);

/** All tensors of a teacher whose trained ones are in the state of a step. */
const teacherOf = ({ params, fixed }: DistilSpec['teacher'], state: Tensors): Tensors =>
  Object.fromEntries([...[...params.keys()].map((name) => [name, state[teacherPrefix + name]!] as const), ...fixed]);
