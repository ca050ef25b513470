import { grad } from '../../autodiff/grad.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/type.ts';
import { crossEntropy } from '../../losses/cross-entropy.ts';
import { buildModel } from '../../models/build.ts';
import type { Model } from '../../models/define.ts';
import { add, mul, stopGradient } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import type { OptimizerOptions } from '../../optim/presets.ts';
import { adapted, forward, type Inner, type Params, supportLoss } from '../unrolled/inner.ts';
import { carried, moved, type UnrolledStep } from '../unrolled/step.ts';
import type { MetaDistilOptions } from './options.ts';

/** A model that learns: its trained tensors by name, and those that stay as they are. */
export interface Learner {
  readonly model: Model;
  readonly preprocess: (view: Value) => Value;
  readonly params: ReadonlyMap<string, Tensor>;
  /** Running statistics. */
  readonly fixed: ReadonlyMap<string, Tensor>;
}

/** Names of the inputs of a step. */
export const inputs = {
  batch: { view: 'view', target: 'target' },
  quiz: { view: 'quiz.view', target: 'quiz.target' },
} as const;
/** Before the names of the teacher's tensors. */
export const teacherPrefix = 'teacher.';

export interface DistilSpec {
  readonly student: Learner;
  readonly teacher: Learner;
  /** Shape of one example of the data. */
  readonly view: readonly number[];
  readonly classes: number;
  readonly batchSize: number;
  readonly quizSize: number;
  readonly mixture: Omit<Inner, 'steps'>;
  /** Of the student. */
  readonly optimizer: OptimizerOptions;
  readonly program: Pick<MetaDistilOptions, 'pilot' | 'teacher'>;
  /** Steps of the training. */
  readonly steps: number;
}

/** One batch as a graph is given it, and what the two models make of it. */
interface Batch {
  readonly graph: Graph;
  readonly target: Value;
  readonly student: (params: Params) => Value;
  readonly teacher: (params: Params) => Value;
}

/** What can come of a teacher in a step: the loss of the student, and what is carried on beside it. */
type Teaching = (batch: Batch, spec: DistilSpec, student: Params) => Taught;
interface Taught {
  readonly loss: (student: Params) => Value;
  readonly teacher?: ReturnType<typeof moved>;
}

/**
 * The loss on a quiz of a student that took one step of plain gradient descent towards a teacher, as a function of the teacher's
 * logits: MetaDistil (Zhou, Xu and McAuley 2022, arXiv 2106.04570) §3.2, algorithm 1.
 *
 * @param lesson Logits of a student on the batch, and of the teacher there.
 * @param quiz Loss of a student on the quiz, rank 0.
 */
export function quizAfterPilot(
  student: Params,
  lesson: { readonly logits: (student: Params) => Value; readonly target: Value; readonly teacher: Value },
  quiz: (student: Params) => Value,
  { mixture, rate }: { readonly mixture: Omit<Inner, 'steps'>; readonly rate: number },
): Value {
  const examples = { ...lesson, x: lesson.target };
  const pilot = adapted(student, (p) => supportLoss(lesson.logits(p), examples, { ...mixture, steps: 1 }), {
    steps: 1,
    rate,
    secondOrder: true,
  });
  return quiz(pilot);
}

const onLabels =
  ({ student, target }: Batch): Taught['loss'] =>
  (p) =>
    mean(crossEntropy(student(p), target));

/** Teacher and labels, by the recipe's objective. */
const towards = ({ student, target }: Batch, teacher: Value, mixture: DistilSpec['mixture']): Taught['loss'] => {
  const said = stopGradient(teacher);
  return (p) => supportLoss(student(p), { x: target, target, teacher: said }, { ...mixture, steps: 1 });
};

const teachings = {
  /** The teacher learns from what a step towards it does to the quiz, and then teaches. */
  adapts: (batch, spec, student) => {
    const { graph, target } = batch;
    const { view, mixture, program, steps, quizSize: rows } = spec;
    const params = inputsOf(graph, spec.teacher, teacherPrefix);
    const x = spec.student.preprocess(graph.input(inputs.quiz.view, { dtype: 'float32', shape: [rows, ...view] }));
    const answers = graph.input(inputs.quiz.target, { dtype: 'float32', shape: [rows, spec.classes] });
    const teacher = batch.teacher(params);
    const quiz = quizAfterPilot(
      student,
      { logits: batch.student, target, teacher },
      (p) => mean(crossEntropy(forward(graph, spec.student.model, p, x), answers)),
      { mixture, rate: program.pilot.rate },
    );
    const { labels, optimizer } = program.teacher;
    const loss = labels > 0 ? add(quiz, mul(mean(crossEntropy(teacher, target)), labels)) : quiz;
    const update = moved(graph, params, grad(loss, [...params.values()]), optimizer, steps, teacherPrefix);
    return { loss: towards(batch, batch.teacher(update.after), mixture), teacher: update };
  },
  /** As it was. */
  stays: (batch, spec) => {
    const constants = new Map([...spec.teacher.params].map(([name, t]) => [teacherPrefix + name, batch.graph.constant(t)]));
    return { loss: towards(batch, batch.teacher(constants), spec.mixture) };
  },
  none: (batch) => ({ loss: onLabels(batch) }),
} as const satisfies Record<string, Teaching>;
export type TeachingName = keyof typeof teachings;

/** Inputs of the graph for the trained tensors of a model. */
const inputsOf = (graph: Graph, { params }: Learner, prefix = ''): Params =>
  new Map([...params].map(([name, { shape }]) => [prefix + name, graph.input(prefix + name, { dtype: 'float32', shape })]));

/**
 * One step of a student, of its teacher too where that adapts, as a graph; nothing but weights and what optimizers keep is its state.
 * The teacher answers as it would when it is deployed: with the running statistics that it came with, and without dropout.
 */
export async function buildDistilStep(spec: DistilSpec, teaching: TeachingName): Promise<UnrolledStep> {
  const graph = new Graph();
  const view = graph.input(inputs.batch.view, { dtype: 'float32', shape: [spec.batchSize, ...spec.view] });
  const target = graph.input(inputs.batch.target, { dtype: 'float32', shape: [spec.batchSize, spec.classes] });
  const x = spec.student.preprocess(view);
  await spec.student.model.prepare?.(x.shape);
  await spec.student.model.prepare?.([spec.quizSize, ...x.shape.slice(1)]);
  const { teacher } = spec;
  const itsView = teacher.preprocess(view);
  await teacher.model.prepare?.(itsView.shape);
  const batch: Batch = {
    graph,
    target,
    student: (params) => forward(graph, spec.student.model, params, x),
    teacher: (params) =>
      buildModel(teacher.model, graph, itsView, {
        training: false,
        source: (name) => params.get(teacherPrefix + name) ?? graph.constant(teacher.fixed.get(name)!),
      }).logits,
  };
  const student = inputsOf(graph, spec.student);
  const taught: Taught = teachings[teaching](batch, spec, student);
  const loss = taught.loss(student);
  const update = moved(graph, student, grad(loss, [...student.values()]), spec.optimizer, spec.steps);
  graph.output('loss', loss);
  return carried(graph, taught.teacher ? [update, taught.teacher] : [update]);
}
