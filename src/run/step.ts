import { grad } from '../autodiff/grad.ts';
import { fits } from '../graph/glob.ts';
import { type Graph, inputName, type Value } from '../graph/graph.ts';
import { sizeOf, staticShape, type Tensor } from '../graph/type.ts';
import type { BuiltNoise } from '../models/context.ts';
import type { Draws, Init } from '../models/define.ts';
import { add, mul, sub } from '../ops/elementwise.ts';
import { averagedName } from '../optim/ema.ts';
import { createOptimizer, type OptimizerOptions } from '../optim/presets.ts';
import type { OptimContext } from '../optim/transform.ts';
import { applyUpdates } from '../optim/update.ts';
import type { Feeds, StateLink } from '../runtime/port.ts';
import { extraPrefix, indicesInput } from './extras.ts';
import { buildObjective, factorInput, type ObjectiveSpec } from './objective.ts';

export interface StepSpec extends ObjectiveSpec {
  readonly optimizer: OptimizerOptions;
  /** Factors of the terms at this moment, where the objective is balanced. */
  readonly factorOf: (term: string) => number;
}

/** A tensor that lives from step to step. */
interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Init;
  /** Whose random numbers it starts from: its own, unless it starts as a copy. */
  readonly stream: string;
}

/** One training step as a graph: forward, losses, backward and update. */
export interface Step {
  readonly graph: Graph;
  readonly links: readonly StateLink[];
  readonly state: readonly StateTensor[];
  /** Rank-0 inputs that depend on the step alone. */
  readonly scalars: readonly { readonly name: string; readonly at: (step: number) => number }[];
  /** Whether it wants to know which examples the batch holds: int64 [B] as `indices`. */
  readonly indices: boolean;
  /** Inputs of fresh random numbers. */
  readonly noise: readonly (Pick<BuiltNoise, 'name' | 'dtype' | 'fill'> & { readonly shape: readonly number[] })[];
  /** Parameters that are never updated. */
  readonly frozen: ReadonlySet<string>;
  /** Trained numbers of the student; running statistics do not count. */
  readonly parameters: number;
  /** Outputs: `loss` (what is minimised), one `loss.<term>` each, unweighted, and `show.<term>.<name>` for what losses show. */
  readonly terms: readonly string[];
  readonly learningRate: (step: number) => number;
  /** Where the weights to evaluate and export lie: state names by the model's own names. */
  readonly weights: ReadonlyMap<string, string>;
}

const nextOf = (name: string): string => `next.${name}`;

/** Builds the graph of one training step. */
export function buildStep(spec: StepSpec): Step {
  const { graph, student, objective, extras } = buildObjective(spec);
  const { total, terms, shows } = objective;
  const params = [...student.params, ...extras.params];
  const names = params.map((p) => p.name);
  const optimizer = createOptimizer({ ...spec.optimizer, groups: applicable(spec.optimizer.groups, names) }, names, spec.steps);
  const trained = params.filter((p) => !optimizer.frozen.has(p.name));
  const gradients = grad(
    total,
    trained.map((p) => p.value),
  );

  const state: StateTensor[] = [];
  const links: StateLink[] = [];
  const keep = (name: string, shape: readonly number[], init: Init, next: Value, stream = name): void => {
    state.push({ name, shape, init, stream });
    links.push({ input: name, output: nextOf(name) });
    graph.output(nextOf(name), next);
  };
  const { context, scalars, slots } = optimContext(graph, trained);
  const updated = applyUpdates(trained, optimizer.transform(new Map(trained.map((p, i) => [p.name, gradients[i]!])), context));
  const buffers = [...student.buffers, ...extras.buffers];
  const next = new Map([
    ...params.map((p) => [p.name, updated.get(p.name) ?? p.value] as const),
    ...buffers.map((b) => [b.name, b.after] as const),
  ]);

  // ONNX Runtime schedules backwards from the end of the file: updates last, in the order of the layers, let each gradient die soonest.
  for (const t of [...params, ...buffers]) keep(t.name, t.shape, t.init, next.get(t.name)!);
  for (const s of slots) keep(s.name, s.shape, (into) => void into.fill(s.fill), s.next());
  const inits = new Map([...params, ...buffers].map((t) => [t.name, t.init]));
  for (const shadow of extras.shadows) {
    for (const t of shadow.tensors)
      keep(t.name, t.shape, inits.get(t.of)!, followed(t.before, next.get(t.of)!, shadow.keep), t.of);
  }
  graph.output('loss', total);
  for (const [name, { value }] of terms) graph.output(`loss.${name}`, value);
  for (const [name, value] of shows) graph.output(`show.${name}`, value);

  const averaged = new Set(slots.map((s) => s.name));
  const weights = new Map(
    [...student.params, ...student.buffers].map(({ name }) => [
      name,
      averaged.has(averagedName(name)) ? averagedName(name) : name,
    ]),
  );
  const factors = spec.balanced ? [...terms.keys()].map((t) => ({ name: factorInput(t), at: () => spec.factorOf(t) })) : [];
  return {
    graph,
    links,
    state,
    scalars: [...scalars, ...extras.scalars, ...factors],
    noise: [...student.noise, ...extras.noise].map(({ name, shape, dtype, fill }) => ({
      name,
      shape: staticShape(shape),
      dtype,
      fill,
    })),
    indices: graph.inputs.some((v) => inputName(v) === indicesInput),
    frozen: optimizer.frozen,
    parameters: student.params.reduce((n, p) => n + sizeOf(p.shape), 0),
    terms: [...terms.keys()],
    learningRate: optimizer.learningRate,
    weights,
  };
}

/** Groups for what losses make are left out where no loss makes it: in the scratch control, in another stage. */
function applicable(groups: OptimizerOptions['groups'], names: readonly string[]): OptimizerOptions['groups'] {
  return groups.flatMap((group) => {
    const match = [group.match].flat().filter((glob) => !glob.startsWith(extraPrefix) || names.some((name) => fits(name, glob)));
    return match.length > 0 ? [{ ...group, match }] : [];
  });
}

/** keep·copy + (1 − keep)·model, exact at both ends: ONNX Runtime's 0·x + 1·y is y for all finite x. */
const followed = (copy: Value, model: Value, keep: Value): Value => add(mul(copy, keep), mul(model, sub(1, keep)));

interface Slot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly fill: number;
  readonly next: () => Value;
}

/** The optimizer's view of the graph: slots and scalars become inputs. */
export function optimContext(graph: Graph, parameters: OptimContext['parameters']) {
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
    step.state.map(({ name, shape, init, stream }) => {
      const data = new Float32Array(sizeOf(shape));
      init(data, draws(stream));
      return [name, { dtype: 'float32', shape, data } satisfies Tensor];
    }),
  );
}
