import { answerSize, exampleShape } from '../../data/dataset.ts';
import type { Splits } from '../../data/split.ts';
import { Graph } from '../../graph/graph.ts';
import { type Shape, showShape } from '../../graph/type.ts';
import { nameOf, needsOf, type ObjectiveOptions } from '../../methods/combine.ts';
import { type Asked, digested, type Offer } from '../../methods/define.ts';
import { methodOf } from '../../methods/index.ts';
import { encode } from '../../onnx/encode.ts';
import { countMacs } from '../../passes/macs.ts';
import type { TeacherOptions } from '../../recipe/recipe.ts';
import { MismatchError } from '../error.ts';
import { ask, labelsOf, logitsOutput } from '../evaluate.ts';
import { classificationMetrics } from '../metrics.ts';
import { openShape, viewInput } from '../objective.ts';
import { taskOf } from '../tasks/of.ts';
import type { OpenPart, TeacherContext, TeacherPart } from './define.ts';
import { openEnsemble } from './ensemble.ts';
import { openFromRun } from './from-run.ts';
import { openOnnx } from './onnx.ts';
import { openTrained } from './trained.ts';

/** An ONNX file on the common view, its preprocessing inside: input `view`, outputs by tap. */
export interface TeacherFile {
  readonly bytes: Uint8Array;
  /** The batch that `bytes` insists on; null: any. */
  readonly batch: number | null;
  /** Shape of one example's part of each output. */
  readonly outputs: ReadonlyMap<string, Shape>;
}

/** What a view of texts is like beside the data. */
export interface ViewSizes {
  /** Tokens in a row, where sizes are fixed; the longest unless told. */
  readonly length?: number | null;
  /** Rows that augmentations add. */
  readonly added?: number;
}

/** A teacher that can be asked. As a file it gives `logits` alone. */
export interface OpenedTeacher extends Omit<TeacherPart, 'build' | 'fixedBatch'>, TeacherFile {
  /** The logits alone, for a batch of this size. */
  readonly at: (batch: number) => Promise<Uint8Array>;
  /** The same teacher, giving this for such a view. */
  readonly giving: (asked: readonly Asked[], sizes?: ViewSizes) => Promise<TeacherFile>;
  readonly macs: number;
}

type Member = Exclude<TeacherOptions, { kind: 'ensemble' }>;
const singles: { readonly [K in Member['kind']]: OpenPart<Extract<Member, { kind: K }>> } = {
  onnx: openOnnx,
  train: openTrained,
  run: openFromRun,
};
const openSingle: OpenPart<Member> = (options, context, path) =>
  (singles[options.kind] as OpenPart<Member>)(options, context, path);

/** Opens, or first trains, the teacher of a recipe; null where there is none. */
export async function openTeacher(context: TeacherContext): Promise<OpenedTeacher | null> {
  const part = await openTeacherPart(context);
  return part && asFile(part, context);
}

/** The same as a part of a graph, for gradients that go through it. */
export async function openTeacherPart(context: TeacherContext): Promise<TeacherPart | null> {
  const { teacher } = context.recipe;
  if (!teacher) return null;
  const { validation } = context.splits;
  const nll = async (part: TeacherPart): Promise<number> => {
    const file = await fileOf(part, context, [logitsOutput]);
    return classificationMetrics(await ask(context.runtime, file.bytes, validation, file), labelsOf(validation)).nll!;
  };
  const kinds: { readonly [K in TeacherOptions['kind']]: OpenPart<Extract<TeacherOptions, { kind: K }>> } = {
    ...singles,
    ensemble: openEnsemble(openSingle, validation.size > 0 ? nll : null),
  };
  const part = await (kinds[teacher.kind] as OpenPart<TeacherOptions>)(teacher, context, 'teacher');
  return taskOf(context.splits.train).teacher(part);
}

/** A part of a graph as a teacher that can be asked. */
export async function asFile(part: TeacherPart, context: TeacherContext): Promise<OpenedTeacher> {
  const { build: _, fixedBatch: __, ...facts } = part;
  const usual = await fileOf(part, context, [logitsOutput]);
  const one = await graphOf(part, context, [logitsOutput], { batch: 1 });
  return {
    ...facts,
    ...usual,
    at: async (batch) => (part.fixedBatch ? (await fileOf(part, context, [logitsOutput], { batch })).bytes : usual.bytes),
    giving: (asked, sizes) => fileOf(part, context, asked, sizes),
    macs: countMacs(one).total,
  };
}

async function graphOf(
  part: TeacherPart,
  { splits }: TeacherContext,
  asked: readonly Asked[],
  sizes: (ViewSizes & { readonly batch: number }) | 'open',
): Promise<Graph> {
  const graph = new Graph();
  const { example } = splits.train;
  const shape =
    sizes === 'open' ? ['N', ...openShape(example)] : [sizes.batch, ...exampleShape(example, sizes.length ?? null, sizes.added)];
  const view = graph.input(viewInput, { dtype: 'float32', shape });
  const digests = asked.filter((what) => typeof what !== 'string');
  const taps = asked.filter((what) => typeof what === 'string');
  const built = await part.build(graph, view, [...new Set([...taps, ...digests.flatMap((d) => d.taps)])]);
  for (const tap of taps) graph.output(tap, built.get(tap)!);
  for (const digest of digests) graph.output(digest.name, digested(built, digest));
  return graph;
}

async function fileOf(
  part: TeacherPart,
  context: TeacherContext,
  asked: readonly Asked[],
  { batch = context.recipe.training.batchSize, ...view }: ViewSizes & { readonly batch?: number } = {},
): Promise<TeacherFile> {
  // How many tokens are to be guessed follows from the length, which must be known for it.
  const fixed = part.fixedBatch || (view.added ?? 0) > 0;
  const graph = await graphOf(part, context, asked, fixed ? { batch, ...view } : 'open');
  return {
    bytes: encode(await context.lower(graph)),
    batch: fixed ? batch : null,
    outputs: new Map(
      asked.map((what) => {
        const found = graph.outputs.get(nameOf(what))!.shape.slice(1);
        return [nameOf(what), fixed && typeof what === 'string' && !view.length ? (part.offer.get(what) ?? found) : found];
      }),
    ),
  };
}

/** Whether the teacher predicts what the data asks for, so that its predictions can be scored and compared. */
export function isComparable({ offer }: Pick<TeacherPart, 'offer'>, { train }: Splits): boolean {
  return taskOf(train).comparable(offer.get(logitsOutput)!, train);
}

/** @throws MismatchError unless the teacher predicts what the data asks for. */
export function refuseOtherClasses(opened: Pick<TeacherPart, 'name' | 'offer'>, splits: Splits): void {
  if (isComparable(opened, splits)) return;
  const { train } = splits;
  throw new MismatchError(
    `teacher: ${opened.name} gives ${showShape(opened.offer.get(logitsOutput)!)} for an example, and the data has ${answerSize(train)} ${train.classes ? 'classes' : 'targets'}; expected one number for each; ` +
      'take a teacher of these classes, say which of its classes they are with teacher.classes, name another output with teacher.logits, or use losses that take other classes (uld, mapped-kd, or features)',
  );
}

/** @throws MismatchError if the teacher's logits are not those of the data and a loss compares them with the student's. */
export function checkTeacher(
  opened: OpenedTeacher,
  splits: Splits,
  { losses, repairs = [] }: ObjectiveOptions,
  offer: Offer,
): void {
  const compares =
    repairs.length > 0 ||
    losses.some(
      (options) => !methodOf(options).otherClasses && needsOf({ losses: [options] }, offer).teacher.includes(logitsOutput),
    );
  if (compares) refuseOtherClasses(opened, splits);
}
