import { type Dim, type Shape, showShape } from '../graph/type.ts';
import { OnnxError } from '../onnx/error.ts';
import { countMacs, type Macs } from '../passes/macs.ts';
import { type ImportedModel, importModel, type ModelFile, type Tap, type Unsupported } from './import.ts';
import type { NamedTensor } from './named-tensor.ts';
import { findRoles, type Role } from './roles/find.ts';
import type { Sizes } from './sizes.ts';
import type { Engine } from './specialise.ts';
import { trainedWeights } from './trained-weights.ts';

/** What a model is, as plain JSON. In shapes `N` is the batch. */
export interface Inspection {
  readonly file: string;
  /** Size of the file and of the weights beside it. */
  readonly bytes: number;
  readonly opset: number;
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
  readonly parameters: { readonly total: number; readonly tensors: readonly InspectedTensor[] };
  /** Multiply–accumulates of one example; absent where sizes are open. */
  readonly macs?: Macs;
  /** How often the file has each operator. */
  readonly operators: Readonly<Record<string, number>>;
  /** Batch normalisations that are still operators of their own; exporters often fold them into the convolutions before. */
  readonly batchNorms: number;
  /** Everything that can be distilled from. */
  readonly taps: readonly Tap[];
  /** What its structure shows: roles that methods tap by name, and the tensors that play them. */
  readonly roles: readonly { readonly role: string; readonly tensor: string; readonly shape: Shape }[];
  /** Operators through which no gradient can pass: no obstacle for a teacher. */
  readonly unsupported: readonly Unsupported[];
  /** Remarks on how the numbers were found, such as sizes that are open. */
  readonly notes: readonly string[];
}

export interface InspectedTensor extends NamedTensor {
  readonly count: number;
  /** The name by which a student of this file trains it; null: running statistics, masks, and whatever else stays as it is. */
  readonly trained: string | null;
}

/**
 * Looks at a model from all sides.
 *
 * @param sizes For dimensions other than the batch that the file leaves open; `batch` is ignored.
 * @throws OnnxError if it is not a model.
 */
export async function inspect(file: ModelFile, engine: Engine, sizes: Sizes = {}): Promise<Inspection> {
  const { model, batch, other, notes } = await sized(file, engine, sizes);
  const named = (name: string, shape: Shape): Shape => namedShape(shape, other?.graph.names.get(name)?.shape);
  const trained = new Map(
    trainedWeights(model.graph, model.initializers).flatMap((w) => (w.running ? [] : w.places.map((p) => [p.file, w.name]))),
  );
  const counted = model.parameters.map((p) => ({
    ...p,
    count: (p.shape as readonly number[]).reduce((a, b) => a * b, 1),
    trained: trained.get(p.name) ?? null,
  }));
  return {
    file: model.source,
    bytes: model.bytes,
    opset: model.opset,
    producer: model.producer,
    metadata: model.metadata,
    inputs: model.inputs.map((v) => ({ ...v, shape: named(v.name, model.graph.names.get(v.name)!.shape) })),
    outputs: model.outputs.map((name) => {
      const v = model.graph.outputs.get(name)!;
      return { name, dtype: v.dtype, shape: named(name, v.shape) };
    }),
    parameters: { total: model.parameterCount, tensors: counted },
    ...(batch !== undefined && { macs: perExample(countMacs(model.graph), batch) }),
    operators: model.operators,
    batchNorms: model.operators.BatchNormalization ?? 0,
    taps: model.taps.map((t) => ({ ...t, shape: named(t.name, t.shape) })),
    roles: rolesOf(model).map(({ role, tensor, seen }) => ({
      role,
      tensor,
      shape: seen(named(tensor, model.graph.names.get(tensor)!.shape)),
    })),
    unsupported: model.unsupported,
    notes: [...notes, ...Object.entries(sizes.dims ?? {}).map(([name, size]) => `looked at with ${name} = ${size}`)],
  };
}

/** Roles, where it is clear which output has the logits. */
function rolesOf({ graph, outputs }: ImportedModel): readonly (Role & { readonly role: string })[] {
  const logits = outputs.length === 1 ? outputs[0] : outputs.find((name) => name === 'logits');
  return logits === undefined ? [] : [...findRoles(graph, logits)].map(([role, r]) => ({ role, ...r }));
}

interface Sized {
  readonly model: ImportedModel;
  /** Examples in the batch of `model`; undefined if its sizes are open. */
  readonly batch: number | undefined;
  /** The same model with one example more: sizes that differ are the batch. */
  readonly other?: ImportedModel;
  readonly notes: readonly string[];
}

async function sized(file: ModelFile, engine: Engine, sizes: Sizes): Promise<Sized> {
  try {
    const one = await importModel(file, engine, { ...sizes, batch: 1 });
    if (one.inputs.every((v) => typeof v.shape[0] === 'number')) {
      return { model: one, batch: 1, notes: one.inputs[0]?.shape[0] === 1 ? ['the file fixes the batch to 1'] : [] };
    }
    const [two, three] = [await one.resized({ ...sizes, batch: 2 }), await one.resized({ ...sizes, batch: 3 })];
    return { model: two, batch: 2, other: three, notes: [] };
  } catch (error) {
    if (!(error instanceof OnnxError) || error.code !== 'sizes') throw error;
    const model = await importModel(file, engine, { ...sizes, open: true });
    return { model, batch: undefined, notes: [`sizes are open: ${error.message.slice(file.source.length + 2)}`] };
  }
}

/** Sizes for two and for three examples as sizes for N. */
const namedShape = (two: Shape, three: Shape | undefined): Shape =>
  two.map((d, i): Dim => {
    const e = three?.[i] ?? d;
    if (d === e || typeof d !== 'number' || typeof e !== 'number') return d;
    return d === 2 ? 'N' : d * 3 === e * 2 ? `${d / 2}N` : '?';
  });

const perExample = ({ total, byOperator }: Macs, batch: number): Macs => ({
  total: total / batch,
  byOperator: Object.fromEntries(Object.entries(byOperator).map(([op, n]) => [op, n / batch])),
});

/** An inspection for people. */
export function describeInspection(i: Inspection): string {
  const tensors = (list: readonly NamedTensor[]) => list.map((t) => [t.name, t.dtype, showShape(t.shape)]);
  const counts = Object.entries(i.operators).map(([op, n]) => `${op} ${n}`);
  const norms = i.batchNorms > 0 ? `${i.batchNorms} in place` : 'none (never there, or folded into convolutions)';
  const facts = [
    ['file', i.file],
    ['size', `${grouped(i.bytes)} bytes`],
    ['opset', `${i.opset}${i.producer ? `, written by ${i.producer}` : ''}`],
    ['parameters', `${grouped(i.parameters.total)} in ${i.parameters.tensors.length} tensors`],
    ['MACs', i.macs ? `${grouped(i.macs.total)} an example${breakdown(i.macs)}` : 'not known while sizes are open'],
    ['operators', counts.join(', ')],
    ['batch norms', norms],
    ...Object.entries(i.metadata).map(([key, value]) => [`metadata ${key}`, value]),
    ...i.notes.map((note) => ['note', note]),
  ];
  const blocked = i.unsupported.map((u) => [`${u.op} ×${u.count}`, u.reason]);
  return [
    table(facts),
    section('Inputs', table(tensors(i.inputs))),
    section('Outputs', table(tensors(i.outputs))),
    section(
      'Parameters',
      table(i.parameters.tensors.map((t) => [t.name, showShape(t.shape), grouped(t.count), trainedAs(t)].filter(Boolean))),
    ),
    section(
      'Roles',
      i.roles.length > 0
        ? table(i.roles.map((r) => [r.role, r.tensor, showShape(r.shape)]))
        : '  (its outputs do not say which of them are the logits)',
    ),
    section('Tensors that can be tapped', table(i.taps.map((t) => [t.name, t.op, showShape(t.shape)]))),
    section('No gradient passes through', blocked.length > 0 ? table(blocked) : '  (every operator can be differentiated)'),
  ].join('\n');
}

/** What is not said by the name in the file: that a student knows it by another one, or leaves it as it is. */
const trainedAs = ({ name, trained }: InspectedTensor): string =>
  trained === null ? 'not trained' : trained === name ? '' : `trained as ${trained}`;

const breakdown = ({ byOperator }: Macs): string => {
  const parts = Object.entries(byOperator).map(([op, n]) => `${op} ${grouped(n)}`);
  return parts.length > 0 ? ` (${parts.join(', ')})` : '';
};

const section = (title: string, body: string): string => `\n${title}\n${body}`;

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, c) => (c === row.length - 1 ? cell : cell.padEnd(widths[c]!))).join('  ')}`)
    .join('\n');
}

const grouped = (n: number): string =>
  Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
