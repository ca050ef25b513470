import { Graph, type Value } from '../../graph/graph.ts';
import type { ObjectiveOptions } from '../../methods/combine.ts';
import { nameOf, needsOf } from '../../methods/combine.ts';
import { digested, type Offer } from '../../methods/define.ts';
import { offered } from '../../models/build.ts';
import type { Model, ModelShape } from '../../models/define.ts';
import { cast, equal } from '../../ops/elementwise.ts';
import { reduceMax } from '../../ops/reduce.ts';
import type { OptimizerOptions } from '../../optim/presets.ts';
import { viewInput } from '../../run/objective.ts';
import { buildStep, type Step } from '../../run/step.ts';
import type { TeacherPart } from '../../run/teachers/define.ts';
import type { InputsOptions } from '../../synthesis/inputs/list.ts';
import { type Drawn, openHosts, type Subject } from './host.ts';
import { buildBatch } from './synthesis-step.ts';

/** Where the student's batches come from: made in its own graph by what was learnt so far, or fed out of the memory. */
export type BatchSource = 'fresh' | 'memory';

export interface StudentSpec extends Subject {
  readonly source: BatchSource;
  readonly inputs: InputsOptions;
  readonly teacher: TeacherPart;
  /** Whether the teacher tells classes apart; it predicts values otherwise. */
  readonly classes: boolean;
  readonly model: Model;
  readonly shape: ModelShape;
  readonly preprocess: (view: Value) => Value;
  readonly objective: ObjectiveOptions;
  readonly optimizer: OptimizerOptions;
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/** A training step of a student whose batch, and what the teacher says of it, are made in the same graph. */
export interface StudentStep {
  readonly step: Step;
  /** What making the batch draws anew in each step. */
  readonly drawn: readonly Drawn[];
  /** Inputs that are the synthesiser's state, left as they are. */
  readonly fixed: readonly string[];
}

/** Whose class an example has: that of the teacher's largest logit, one-hot. */
export const ownClass = (logits: Value): Value => cast(equal(logits, reduceMax(logits, [1])), logits.dtype);

/** Builds a step; labels, where a loss asks for them, are the teacher's own classes or values. */
export async function buildStudentStep(spec: StudentSpec): Promise<StudentStep> {
  const { source, teacher, model, shape, batchSize, example } = spec;
  const graph = new Graph();
  const hosts = openHosts(graph, spec);
  const sources: Readonly<Record<BatchSource, () => Value>> = {
    fresh: () => buildBatch(spec, hosts).clean,
    memory: () => graph.input(viewInput, { dtype: 'float32', shape: [batchSize, ...example.shape] }),
  };
  const view = sources[source]();
  const offer: Offer = { student: offered(model, shape), teacher: teacher.offer };
  const { asked } = needsOf(spec.objective, offer);
  const taps = new Set(['logits', ...asked.flatMap((what) => (typeof what === 'string' ? [what] : what.taps))]);
  const said = await teacher.build(graph, view, [...taps]);
  const x = spec.preprocess(view);
  for (const rows of [1, batchSize]) await model.prepare?.([rows, ...x.shape.slice(1)]);
  const logits = said.get('logits')!;
  const target = spec.classes ? ownClass(logits) : logits;
  const step = buildStep({
    made: {
      graph,
      view,
      target,
      teacher: new Map(asked.map((what) => [nameOf(what), typeof what === 'string' ? said.get(what)! : digested(said, what)])),
    },
    student: model,
    view: view.type,
    preprocess: () => x,
    target: target.shape,
    teacher: new Map(),
    offer,
    objective: spec.objective,
    balanced: false,
    factorOf: () => 1,
    examples: batchSize * spec.stepsPerEpoch,
    optimizer: spec.optimizer,
    steps: spec.steps,
    stepsPerEpoch: spec.stepsPerEpoch,
  });
  const { params, restarted, buffers, perRound, perStep } = hosts.made();
  return { step, drawn: perStep, fixed: [...params, ...restarted, ...buffers, ...perRound].map((t) => t.name) };
}
