import type { ExampleType } from '../data/dataset.ts';
import { Graph, type Value } from '../graph/graph.ts';
import type { Shape, TensorType } from '../graph/type.ts';
import { combine, type Objective, type ObjectiveOptions } from '../methods/combine.ts';
import type { Offer } from '../methods/define.ts';
import { type Built, buildModel } from '../models/build.ts';
import type { Model } from '../models/define.ts';
import { lengthDim } from '../models/tokens.ts';
import { byToken, type Rows } from './by-token.ts';
import { type MadeExtras, openExtras } from './extras.ts';

/** One batch as values of a graph. */
export interface BatchValues {
  readonly view: Value;
  readonly target: Value;
  /** What the teacher gives, by name. */
  readonly teacher: ReadonlyMap<string, Value>;
}

export interface ObjectiveSpec {
  /** A batch that a graph makes by itself; without it the batch is fed. */
  readonly made?: BatchValues & { readonly graph: Graph };
  readonly student: Model;
  /** What the data gives: one batch, [B, …]. */
  readonly view: TensorType;
  /** From the common view to what the student wants. */
  readonly preprocess: (view: Value) => Value;
  /** [B, K], [B, T], or [B, longest] for classes of tokens. */
  readonly target: Shape;
  /** What the teacher gives, by name, [B, …]; fed, so that it may come from a session, a cache or an API alike. */
  readonly teacher: ReadonlyMap<string, Shape>;
  readonly offer: Offer;
  readonly objective: ObjectiveOptions;
  /** Whether each term gets a factor that is fed, for balancing. */
  readonly balanced: boolean;
  /** Number of examples in the training set. */
  readonly examples: number;
  /** Steps of the whole training, for the schedules. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/** Shape of one example in a graph for batches of any length, with rows that augmentations add. */
export const openShape = (example: ExampleType, added = 0): Shape =>
  example.layout === 'tokens' ? [example.shape[0] + added, lengthDim] : example.shape;

/** Names of the inputs of a step that do not belong to the student. */
export const viewInput = 'view';
export const targetInput = 'target';
export const teacherInput = (name: string): string => `teacher.${name}`;
export const factorInput = (term: string): string => `factor.${term}`;

/** A student and what it learns, in one graph. */
export interface BuiltObjective {
  readonly graph: Graph;
  readonly student: Built;
  readonly objective: Objective;
  readonly extras: MadeExtras;
}

/** The inputs of a graph whose batches come from outside. */
const fed = (graph: Graph, spec: ObjectiveSpec): BatchValues & { readonly graph: Graph } => ({
  graph,
  view: graph.input(viewInput, spec.view),
  target: graph.input(targetInput, { dtype: 'float32', shape: spec.target }),
  teacher: new Map(
    [...spec.teacher].map(([name, shape]) => [name, graph.input(teacherInput(name), { dtype: 'float32', shape })]),
  ),
});

/** Builds the forward part of a training step: student and losses. */
export function buildObjective(spec: ObjectiveSpec): BuiltObjective {
  const { graph, view, target, teacher } = spec.made ?? fed(new Graph(), spec);
  const x = spec.preprocess(view);
  const student = buildModel(spec.student, graph, x, { training: true, source: 'inputs' });
  const extras = openExtras({ ...spec, graph, x, batchSize: spec.view.shape[0] as number });
  const factors = new Map<string, Value>();
  const factor = (term: string): Value => {
    const known = factors.get(term) ?? graph.input(factorInput(term), { dtype: 'float32', shape: [] });
    factors.set(term, known);
    return known;
  };
  const whole: Rows = { student: student.taps, teacher, target };
  const rows = student.logits.rank === 3 ? byToken(whole, view) : whole;
  const objective = combine({ ...rows, offer: spec.offer, extras: extras.of, ...(spec.balanced && { factor }) }, spec.objective);
  return { graph, student, objective, extras: extras.made() };
}
