import type { Graph, Node, Value } from '../graph/graph.ts';
import { nearest } from '../graph/nearest.ts';
import { type Shape, sizeOf, type Tensor } from '../graph/type.ts';
import { withWeights } from '../onnx/with-weights.ts';
import { batchNormTrain, runningStatistics } from '../ops/norm.ts';
import { flatten, swapLast } from '../ops/shape.ts';
import type { Copied } from './copy-graph.ts';
import type { BuildContext, Init, Model, ModelShape } from './define.ts';
import { ModelError } from './error.ts';
import { guessed } from './guessed.ts';
import type { ImportedModel, ModelFacts, ModelFile } from './import.ts';
import { answer } from './layers.ts';
import { logitsName } from './logits-name.ts';
import { pooled } from './pooled.ts';
import { findRoles, type Role } from './roles/find.ts';
import { openSettled } from './settled.ts';
import { dropLayers } from './shrink/drop-layers.ts';
import type { KeptLayers } from './shrink/kept-layers.ts';
import type { Engine } from './specialise.ts';
import type { TextPart } from './text-inputs.ts';
import { type TrainedWeight, trainedWeights } from './trained-weights.ts';
import { refuseOtherIds, vocabularyOf } from './vocabulary.ts';

export interface StudentOptions {
  /** Sizes of the data, after preprocessing. */
  readonly shape: ModelShape;
  readonly name?: string;
  /** What messages call it; `student` unless told. Its options are those of `<where>.model`. */
  readonly where?: string;
  /** Tensor with the logits; by default the only output, or the one called logits. */
  readonly logits?: string | undefined;
  /** `new`: a linear layer of the student's own, on `reads`, instead of the file's last layer. */
  readonly head?: 'file' | 'new';
  /** Role or tensor that a new head reads; `embedding` unless told. */
  readonly reads?: string | undefined;
  /** Which layers of the file stay; all unless told. */
  readonly layers?: KeptLayers | undefined;
  /** What the inputs of a text model are, where their names do not say it. */
  readonly inputs?: Readonly<Record<string, TextPart>> | undefined;
  /**
   * What batch normalisations of the file go by in training: the statistics of each batch, as PyTorch's do in train mode, with the
   * running ones updated; or the running ones as the file has them, for small batches and few examples.
   */
  readonly batchNorm?: 'batch' | 'running';
  /** Roles by hand: the tensor of each. */
  readonly taps?: Readonly<Record<string, string>>;
}

/** A graph of a file as a model that is trained. */
export interface ImportedStudent extends Model {
  readonly facts: ModelFacts;
  /** What is trained or kept up to date, by the names that parameters and buffers have. */
  readonly weights: readonly TrainedWeight[];
  /** What can be distilled from. */
  readonly roles: ReadonlyMap<string, Role>;
  /** How many ids of tokens it knows; undefined for other data. */
  readonly vocabulary: number | undefined;
  prepare(x: Shape): Promise<void>;
  file(weights: ReadonlyMap<string, Tensor>, metadata?: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> | null;
}

/**
 * Makes a student of an ONNX file, or of some of its layers: its weights are the start. Sizes are settled once for each shape of
 * batch, by `prepare`; one example of `shape` is settled already.
 *
 * @throws OnnxError if it is not a model, or does not run with these sizes; ModelError if it does not fit the data.
 */
export async function importStudent(given: ModelFile, engine: Engine, options: StudentOptions): Promise<ImportedStudent> {
  const { shape, where = 'student', head = 'file', batchNorm = 'batch', inputs, layers } = options;
  const read = await openSettled(given, engine, shape.input, where, inputs);
  const shorter = layers && dropLayers(given, read.one, layers, `${where}.model.layers`);
  const file = shorter?.file ?? given;
  const settled = file === given ? read : await openSettled(file, engine, shape.input, where, inputs);
  const { open, matched, prepare, one: model } = settled;
  // What of its shapes is the length of a text shows at another length.
  if (matched.text) await prepare([1, shape.input[0]!, Math.max(1, shape.input[1]! - 1)]);
  const logits = logitsName(model, options.logits, `${where}.model`);
  const roles = withTaps(findRoles(model.graph, logits), model, options.taps ?? {}, where);
  const weights = trainedWeights(model.graph, model.initializers);
  refuseOtherTypes(weights, file.source, where);
  const vocabulary = matched.ids === undefined ? undefined : vocabularyOf(model.graph, matched.ids);
  refuseOtherIds(where, file.source, vocabulary, shape.vocabulary);
  const source = headOf({ model, roles, logits, head, reads: options.reads, shape, where });
  const answer = model.graph.names.get(logits)!;
  const writable = head === 'file' && answer.rank === 2 && open.outputs.includes(logits);
  const places = new Map(weights.flatMap((weight) => weight.places.map((p) => [p.file, { weight, ...p }] as const)));

  return {
    name: options.name ?? nameOf(file.source) + (shorter ? `-${shorter.kept}of${shorter.of}` : ''),
    facts: open,
    weights,
    roles,
    vocabulary,
    signature: writable ? { inputs: open.inputs, logits } : undefined,
    prepare,
    build(ctx, x) {
      const found = settled.at(x.shape);
      const buffers = new Map<Value, Buffer>();
      const values = found.instantiate(ctx.graph, matched.feeds(found, x), {
        trainable: (name) => places.has(name),
        param: (name) => {
          const { weight, transposed } = places.get(name)!;
          const v = weightValue(ctx, weight, buffers);
          return transposed ? swapLast(v) : v;
        },
        instead: (node, ins) =>
          ctx.training && batchNorm === 'batch' ? training[node.op.onnx]?.(node, ins, buffers) : undefined,
      });
      for (const [role, { tensor, of }] of roles) ctx.tap(role, of(values[tensor]!));
      if (matched.text) for (const [role, value] of guessed(where, x, values[logits]!, vocabulary)) ctx.tap(role, value);
      return source(ctx, values, x);
    },
    file: (trained, metadata) => (head === 'new' ? null : withWeights(file, filed(weights, trained), metadata)),
  };
}

type Buffer = ReturnType<BuildContext['buffer']>;

/** A parameter or running statistic that starts as the file has it. */
function weightValue(ctx: BuildContext, { name, tensor, running }: TrainedWeight, buffers: Map<Value, Buffer>): Value {
  const init: Init = (into) => into.set(tensor.data as Float32Array);
  if (!running) return ctx.param(name, tensor.shape, init);
  const buffer = ctx.buffer(name, tensor.shape, init);
  buffers.set(buffer.value, buffer);
  return buffer.value;
}

type InTraining = (
  node: Node,
  inputs: readonly (Value | undefined)[],
  buffers: ReadonlyMap<Value, Buffer>,
) => readonly Value[] | undefined;

/** Operators that are something else while training. */
const training: Readonly<Record<string, InTraining>> = {
  BatchNormalization: (node, [x, scale, bias, mean, variance], buffers) => {
    const [means, variances] = [buffers.get(mean!), buffers.get(variance!)];
    if (!means || !variances) return undefined;
    const batch = batchNormTrain(x!, scale!, bias!, node.attrs.epsilon as number);
    const next = runningStatistics(x!, batch, { mean: means.value, variance: variances.value });
    means.update(next.mean);
    variances.update(next.variance);
    return [batch.y];
  },
};

/** The weights by the names of the file, tied ones in all their places. */
function filed(weights: readonly TrainedWeight[], trained: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  return new Map(
    weights.flatMap(({ name, places }) => {
      const tensor = trained.get(name);
      if (!tensor) throw new ModelError('missing-tensor', `${name}: there is no such tensor among the trained ones`);
      return places.map(({ file, transposed }) => [file, transposed ? flipped(tensor) : tensor] as const);
    }),
  );
}

function flipped({ dtype, shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as readonly [number, number];
  const turned = new Float32Array(sizeOf(shape));
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) turned[c * rows + r] = data[r * columns + c] as number;
  return { dtype, shape: [columns, rows], data: turned };
}

function withTaps(
  roles: ReadonlyMap<string, Role>,
  { graph, source }: ImportedModel,
  taps: Readonly<Record<string, string>>,
  where: string,
): ReadonlyMap<string, Role> {
  const given = Object.entries(taps).map(([role, tensor]): [string, Role] => {
    const v = graph.names.get(tensor);
    if (v) return [role, { tensor, shape: v.shape, seen: (s) => s, of: (value) => value }];
    const near = nearest(tensor, graph.names.keys()).join(', ');
    throw new ModelError(
      'bad-option',
      `${where}.model.taps.${role}: ${source} has no tensor '${tensor}'; the nearest are ${near}`,
    );
  });
  return new Map([...roles, ...given]);
}

interface HeadSpec {
  readonly model: ImportedModel;
  readonly roles: ReadonlyMap<string, Role>;
  readonly logits: string;
  readonly head: 'file' | 'new';
  readonly reads: string | undefined;
  readonly shape: ModelShape;
  readonly where: string;
}

/** Where the predictions come from. */
function headOf({
  model,
  roles,
  logits,
  head,
  reads = 'embedding',
  shape,
  where,
}: HeadSpec): (ctx: BuildContext, values: Copied, x: Value) => Value {
  const { graph, source } = model;
  if (head === 'file') {
    const given = graph.names.get(logits)!;
    const perToken = shape.input.length === 2 && given.rank === 3;
    const width = perToken ? given.shape[2]! : sizeOf(given.shape.slice(1));
    if (shape.outputs > 0 && width !== shape.outputs) {
      throw new ModelError(
        'bad-shape',
        `${where}: '${logits}' of ${source} has ${width} numbers for ${perToken ? 'a token' : 'an example'}, and the data needs ${shape.outputs}; ` +
          `give it a head of its own with ${where}.model.head: new, or name another output with ${where}.model.logits`,
      );
    }
    return (_, values) => (perToken ? values[logits]! : flatten(values[logits]!, 1));
  }
  const tensor = roles.get(reads)?.tensor ?? reads;
  if (!graph.names.has(tensor)) throw noSuchTap(reads, graph, roles, source, where);
  return (ctx, values, x) =>
    answer(
      ctx,
      'head',
      shape.perToken ? values[tensor]! : pooled(values[tensor]!, x, `${where}.model.reads '${reads}'`),
      shape.outputs,
    );
}

const noSuchTap = (reads: string, graph: Graph, roles: ReadonlyMap<string, Role>, source: string, where: string): ModelError =>
  new ModelError(
    'bad-option',
    `${where}.model.reads: ${source} has no role or tensor '${reads}'; the nearest are ${nearest(reads, [...roles.keys(), ...graph.names.keys()]).join(', ')}`,
  );

function refuseOtherTypes(weights: readonly TrainedWeight[], source: string, where: string): void {
  const other = weights.find(({ tensor }) => tensor.dtype !== 'float32');
  if (!other) return;
  throw new ModelError(
    'bad-option',
    `${where}: the weights of ${source} are ${other.tensor.dtype} ('${other.name}'); expected float32; convert it to float32 before it is trained`,
  );
}

/** The name of the file without its folder and ending. */
const nameOf = (source: string): string =>
  source
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.onnx$/i, '');
