import { grad } from '../autodiff/grad.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { type Shape, sizeOf, staticShape, type Tensor, type TensorType } from '../graph/type.ts';
import { combine } from '../methods/combine.ts';
import type { LossOptions } from '../methods/index.ts';
import { buildModel } from '../models/build.ts';
import type { Draws, Init, Model } from '../models/define.ts';
import { averagedName } from '../optim/ema.ts';
import { createOptimizer, type OptimizerOptions } from '../optim/presets.ts';
import type { OptimContext } from '../optim/transform.ts';
import { applyUpdates } from '../optim/update.ts';
import type { Feeds, StateLink } from '../runtime/port.ts';

export interface StepSpec {
  readonly student: Model;
  /** What the data gives: one batch, [B, …]. */
  readonly view: TensorType;
  /** From the common view to what the student wants. */
  readonly preprocess: (view: Value) => Value;
  /** [B, K] or [B, T]. */
  readonly target: Shape;
  /** What the teacher gives, by name, [B, …]; fed, so that it may come from a session, a cache or an API alike. */
  readonly teacher: ReadonlyMap<string, Shape>;
  readonly losses: readonly LossOptions[];
  readonly optimizer: OptimizerOptions;
  /** Steps of the whole training, for the schedules. */
  readonly steps: number;
}

/** A tensor that lives from step to step. */
interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Init;
}

/** One training step as a graph: forward, losses, backward and update. */
export interface Step {
  readonly graph: Graph;
  readonly links: readonly StateLink[];
  readonly state: readonly StateTensor[];
  /** Rank-0 inputs that depend on the step alone. */
  readonly scalars: readonly { readonly name: string; readonly at: (step: number) => number }[];
  /** Inputs of fresh uniform numbers. */
  readonly uniforms: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Trained numbers of the student; running statistics do not count. */
  readonly parameters: number;
  /** Outputs: `loss` (what is minimised) and one `loss.<term>` each, unweighted. */
  readonly terms: readonly string[];
  readonly learningRate: (step: number) => number;
  /** Where the weights to evaluate and export lie: state names by the model's own names. */
  readonly weights: ReadonlyMap<string, string>;
}

/** Names of the inputs of a step that do not belong to the student. */
export const viewInput = 'view';
export const targetInput = 'target';
export const teacherInput = (name: string): string => `teacher.${name}`;
const nextOf = (name: string): string => `next.${name}`;

/** Builds the graph of one training step. */
export function buildStep(spec: StepSpec): Step {
  const graph = new Graph();
  const view = graph.input(viewInput, spec.view);
  const target = graph.input(targetInput, { dtype: 'float32', shape: spec.target });
  const teacher = new Map(
    [...spec.teacher].map(([name, shape]) => [name, graph.input(teacherInput(name), { dtype: 'float32', shape })]),
  );

  const built = buildModel(spec.student, graph, spec.preprocess(view), { training: true, source: 'inputs' });
  const { total, terms } = combine({ student: built.taps, teacher, target }, spec.losses);

  const names = built.params.map((p) => p.name);
  const optimizer = createOptimizer(spec.optimizer, names, spec.steps);
  const trained = built.params.filter((p) => !optimizer.frozen.has(p.name));
  const gradients = grad(
    total,
    trained.map((p) => p.value),
  );

  const state: StateTensor[] = [];
  const links: StateLink[] = [];
  const keep = (name: string, shape: readonly number[], init: Init, next: Value): void => {
    state.push({ name, shape, init });
    links.push({ input: name, output: nextOf(name) });
    graph.output(nextOf(name), next);
  };
  const { context, scalars, slots } = optimContext(graph, trained);
  const next = applyUpdates(trained, optimizer.transform(new Map(trained.map((p, i) => [p.name, gradients[i]!])), context));

  // ONNX Runtime schedules backwards from the end of the file: updates last, in the order of the layers, let each gradient die soonest.
  for (const p of built.params) keep(p.name, p.shape, p.init, next.get(p.name) ?? p.value);
  for (const b of built.buffers) keep(b.name, b.shape, b.init, b.after);
  for (const s of slots) keep(s.name, s.shape, (into) => void into.fill(s.fill), s.next());
  graph.output('loss', total);
  for (const [name, value] of terms) graph.output(`loss.${name}`, value);

  const averaged = new Set(slots.map((s) => s.name));
  const weights = new Map(
    [...built.params, ...built.buffers].map(({ name }) => [name, averaged.has(averagedName(name)) ? averagedName(name) : name]),
  );
  return {
    graph,
    links,
    state,
    scalars,
    uniforms: built.uniforms.map((u) => ({ name: u.name, shape: staticShape(u.shape) })),
    parameters: built.params.reduce((n, p) => n + sizeOf(p.shape), 0),
    terms: [...terms.keys()],
    learningRate: optimizer.learningRate,
    weights,
  };
}

interface Slot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly fill: number;
  readonly next: () => Value;
}

/** The optimizer's view of the graph: slots and scalars become inputs. */
function optimContext(graph: Graph, parameters: OptimContext['parameters']) {
  const slots: Slot[] = [];
  const scalars: { name: string; at: (step: number) => number }[] = [];
  const values = new Map<string, Value>();
  const context: OptimContext = {
    parameters,
    slot(name, shape, fill = 0) {
      const before = graph.input(name, { dtype: 'float32', shape });
      let after = before;
      slots.push({ name, shape: staticShape(shape), fill, next: () => after });
      return {
        before,
        after: (next) => {
          after = next;
        },
      };
    },
    scalar(name, at) {
      const known = values.get(name);
      if (known) return known;
      const value = graph.input(name, { dtype: 'float32', shape: [] });
      scalars.push({ name, at });
      values.set(name, value);
      return value;
    },
  };
  return { context, scalars, slots };
}

/** Fresh state: parameters drawn from streams named after them, slots and statistics at their start. */
export function initialState(step: Step, draws: (name: string) => Draws): Feeds {
  return Object.fromEntries(
    step.state.map(({ name, shape, init }) => {
      const data = new Float32Array(sizeOf(shape));
      init(data, draws(name));
      return [name, { dtype: 'float32', shape, data } satisfies Tensor];
    }),
  );
}
