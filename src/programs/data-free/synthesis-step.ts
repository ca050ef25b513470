import { grad } from '../../autodiff/grad.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import type { Shape } from '../../graph/type.ts';
import { buildModel } from '../../models/build.ts';
import type { Model } from '../../models/define.ts';
import { add, mul } from '../../ops/elementwise.ts';
import type { OptimizerOptions } from '../../optim/presets.ts';
import type { TeacherPart } from '../../run/teachers/define.ts';
import type { StateLink } from '../../runtime/port.ts';
import { SynthesisError } from '../../synthesis/error.ts';
import type { Batch } from '../../synthesis/inputs/define.ts';
import { type InputsOptions, inputsOf } from '../../synthesis/inputs/list.ts';
import type { Metadata } from '../../synthesis/metadata/metadata.ts';
import type { Scene } from '../../synthesis/priors/define.ts';
import { type PriorOptions, priorOf } from '../../synthesis/priors/list.ts';
import { judged } from '../../synthesis/soft/lookup.ts';
import { factsOf } from '../../synthesis/teacher/read.ts';
import { carriedAll, moved } from '../unrolled/step.ts';
import { type Drawn, type Made, openHosts, type Subject } from './host.ts';

/** A student that the synthesiser looks at; its weights come from its own training. */
export interface Watched {
  readonly model: Model;
  readonly preprocess: (view: Value) => Value;
  /** Shapes of its tensors by name, and the inputs that hold them. */
  readonly sizes: ReadonlyMap<string, Shape>;
  readonly inputOf: (name: string) => string;
}

export interface SynthesisSpec extends Subject {
  readonly inputs: InputsOptions;
  readonly priors: readonly PriorOptions[];
  readonly teacher: TeacherPart;
  readonly student: Watched;
  readonly metadata: Metadata | undefined;
  /** Writes a batch of real examples; undefined where there are none. */
  readonly real: Drawn['fill'] | undefined;
  readonly optimizer: OptimizerOptions;
  /** Of a round. */
  readonly steps: number;
  readonly rounds: number;
}

/** One step of a synthesiser as a graph. */
export interface SynthesisStep extends Made {
  readonly graph: Graph;
  readonly links: readonly StateLink[];
  /** Inputs that stay as they are during a round. */
  readonly fixed: readonly string[];
  /** What optimizers keep, at its start; `restarts`: of what is drawn anew in each round. */
  readonly slots: ReturnType<typeof moved>['slots'];
  readonly restarts: ReturnType<typeof moved>['slots'];
  /** Numbers that depend on the step: of the whole, or of the round. */
  readonly scalars: readonly { readonly name: string; readonly at: (step: number) => number }[];
  readonly roundScalars: SynthesisStep['scalars'];
}

/** What of a graph the synthesiser was built into is called in messages and state. */
const inputsPrefix = 'inputs';
const priorPrefix = (i: number, { kind }: PriorOptions): string => `prior.${i}-${kind}`;

/** Builds the batch alone, for whoever learns from it or looks at it. */
export function buildBatch(spec: Subject & Pick<SynthesisSpec, 'inputs'>, hosts: ReturnType<typeof openHosts>): Batch {
  const entry = inputsOf(spec.inputs.kind);
  return entry.build(spec.inputs as never, hosts.of(inputsPrefix));
}

/**
 * Builds a step of a synthesiser: the batch, what the teacher (and the student) make of it, the priors, and the update of whatever the
 * batch comes from. Teacher and student are fixed; gradients go through them.
 * @throws SynthesisError where a prior lacks something.
 */
export async function buildSynthesisStep(spec: SynthesisSpec): Promise<SynthesisStep> {
  const { inputs, priors, teacher, student } = spec;
  const graph = new Graph();
  const hosts = openHosts(graph, spec);
  const batch = buildBatch(spec, hosts);
  const { seen } = batch;
  const asked = new Set(priors.flatMap((p) => priorOf(p.kind).taps?.(p as never, teacher.offer) ?? []));
  const missing = [...asked].filter((tap) => !teacher.offer.has(tap));
  if (missing.length > 0) {
    throw new SynthesisError(
      `program.methods: a prior taps '${missing.join("', '")}' of ${teacher.name}, which offers ${[...teacher.offer.keys()].slice(0, 12).join(', ')}; ` +
        'name another tensor in the prior, or give one of the teacher that role with teacher.taps',
    );
  }
  const taps = ['logits', ...asked];
  const said = await judged(batch, 'teacher', (into, view) => teacher.build(into, view, taps));
  const watches = priors.some((p) => priorOf(p.kind).student);
  const scene: Scene = {
    view: seen,
    soft: batch.soft,
    teacher: said,
    student: watches ? await watched(student, batch) : null,
    classes: batch.classes,
    facts: factsOf(teacher.name, graph, said.get('logits')!),
    metadata: spec.metadata,
    ask: (view) => teacher.build(graph, view, taps),
    real: spec.real && (() => hosts.of('real').perStep('examples', [spec.batchSize, ...spec.example.shape], spec.real!)),
  };
  const losses: Value[] = [];
  for (const [i, prior] of priors.entries()) {
    const value = await priorOf(prior.kind).loss(prior as never, scene, hosts.of(priorPrefix(i, prior)));
    graph.output(`loss.${prior.kind}${i === priors.findIndex((p) => p.kind === prior.kind) ? '' : `-${i}`}`, value);
    losses.push(mul(value, prior.weight));
  }
  if (losses.length === 0)
    throw new SynthesisError(`program.methods: inputs '${inputs.kind}' learn, and no prior says what from; add one to priors`);
  const total = losses.reduce((a, b) => add(a, b));
  const made = hosts.made();
  const update = (of: Made['params'], steps: number, whose: string) =>
    moved(
      graph,
      new Map(of.map((p) => [p.name, p.value])),
      grad(
        total,
        of.map((p) => p.value),
      ),
      spec.optimizer,
      steps,
      whose,
    );
  const lasting = update(made.params, spec.steps * spec.rounds, 'lasting.');
  const round = update(made.restarted, spec.steps, 'round.');
  const kept = new Map(made.restarted.map(({ name, how }) => [name, how.project]));
  const links = carriedAll(graph, [
    ...lasting.after,
    ...[...round.after].map(([name, next]) => [name, kept.get(name)?.(next) ?? next] as const),
    ...[lasting, round].flatMap((m) => m.slots.map(({ name, next }) => [name, next()] as const)),
    ...made.buffers.map((b) => [b.name, b.after] as const),
  ]);
  graph.output('loss', total);
  const theirs = watches ? [...student.sizes.keys()].map(student.inputOf) : [];
  return {
    ...made,
    graph,
    links,
    fixed: [...made.perRound.map((d) => d.name), ...theirs],
    slots: lasting.slots,
    restarts: round.slots,
    scalars: lasting.scalars,
    roundScalars: round.scalars,
  };
}

/** The student as it would be deployed, its tensors inputs of the graph. */
function watched({ model, preprocess, sizes, inputOf }: Watched, batch: Batch): Promise<ReadonlyMap<string, Value>> {
  const { graph } = batch.seen;
  const values = new Map(
    [...sizes].map(([name, shape]) => [
      name,
      graph.input(inputOf(name), { dtype: 'float32', shape: shape as readonly number[] }),
    ]),
  );
  return judged(
    batch,
    'student',
    (into, view, given) =>
      buildModel(model, into, preprocess(view), { training: false, source: (name) => given.get(name)! }).taps,
    values,
  );
}
