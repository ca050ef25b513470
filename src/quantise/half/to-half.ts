import type { DType } from '../../graph/type.ts';
import type { ReadExternal } from '../../onnx/decode-tensor.ts';
import type { Model, ModelNode } from '../../onnx/model.ts';
import { reads } from '../../onnx/scope.ts';
import { writeModel } from '../../onnx/write-model.ts';
import type { Runtime } from '../../runtime/port.ts';
import { int, makeNode } from '../node.ts';
import { matcher } from '../pattern.ts';
import { withoutUnread } from '../prepare/fold-batch-norm.ts';
import { prepare } from '../prepare/prepare.ts';
import { halfTensor } from './bits.ts';
import { chooseHalf } from './choose.ts';
import { typesOf } from './types.ts';

export interface HalfOptions {
  readonly runtime: Pick<Runtime, 'open'>;
  /** What the model is called in messages. */
  readonly source?: string;
  readonly readExternal?: ReadExternal;
  /** Nodes that stay in single precision, by name; `*` stands for any characters. */
  readonly keep?: readonly string[];
}

export interface HalfReport {
  /** Nodes with numbers in half precision. */
  readonly half: readonly { readonly node: string; readonly op: string }[];
  /** Nodes that compute with float32, and why. */
  readonly kept: readonly { readonly node: string; readonly op: string; readonly reason: string }[];
  /** Constants with numbers that half precision does not hold, and how many became its largest. */
  readonly clamped: readonly { readonly tensor: string; readonly values: number }[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export interface Halved {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly report: HalfReport;
}

/** How ONNX calls the two precisions in a Cast. */
const codes = { float32: 1, float16: 10 } as const;

/**
 * Makes a file whose weights and most computation are in half precision; inputs and outputs stay float32, with a Cast where the
 * precision changes. Names and open sizes stay as they are.
 *
 * @throws OnnxError if it is no float32 model, or the engine does not load it.
 */
export async function toHalf(bytes: Uint8Array, options: HalfOptions): Promise<Halved> {
  const { runtime, source = 'ONNX model', readExternal, keep = [] } = options;
  const model = prepare(bytes, { source, ...(readExternal && { readExternal }) });
  const types = await typesOf(model, runtime, source);
  const pattern = matcher(
    keep,
    model.graph.nodes.map((n) => n.name),
    source,
  );
  const isSingle = (name: string): boolean => types.get(name) === 'float32';
  const { half, kept } = chooseHalf(model.graph, isSingle, (node) => pattern(node.name));
  const clamped: { tensor: string; values: number }[] = [];
  const rewritten = rewriteHalf(model, half, types, (tensor, values) => clamped.push({ tensor, values }));
  const written = writeModel(rewritten);
  return {
    bytes: written,
    report: {
      half: [...half].map(({ name, op }) => ({ node: name, op })),
      kept,
      clamped,
      bytesBefore: bytes.byteLength,
      bytesAfter: written.byteLength,
    },
  };
}

/** A value `v` keeps its name in single precision and is called `v.half` in half; each form is made once, when it is first read. */
function rewriteHalf(
  model: Model,
  half: ReadonlySet<ModelNode>,
  types: ReadonlyMap<string, DType>,
  onClamped: (tensor: string, values: number) => void,
): Model {
  const initializers = new Map(model.graph.initializers);
  const isSingle = (name: string): boolean => types.get(name) === 'float32';
  const written: ModelNode[] = [];
  const made = new Set([...model.graph.inputs.map((v) => v.name), ...initializers.keys()]);
  const halfOf = (v: string): string => {
    const name = `${v}.half`;
    if (made.has(name)) return name;
    made.add(name);
    const constant = model.graph.initializers.get(v);
    if (constant) {
      const { half: t, clamped } = halfTensor(constant);
      if (clamped > 0) onClamped(v, clamped);
      initializers.set(name, t);
    } else written.push(makeNode('Cast', `${v}.to-half`, [v], [name], { to: int(codes.float16) }));
    return name;
  };
  const needSingle = (v: string): void => {
    if (v === '' || made.has(v)) return;
    made.add(v);
    written.push(makeNode('Cast', `${v}.to-single`, [`${v}.half`], [v], { to: int(codes.float32) }));
  };
  for (const node of model.graph.nodes) {
    const inHalf = half.has(node);
    if (!inHalf) for (const name of reads(node)) needSingle(name);
    const inputs = node.inputs.map((name) => (inHalf && isSingle(name) ? halfOf(name) : name));
    const outputs = node.outputs.map((name) => (inHalf && name !== '' && isSingle(name) ? `${name}.half` : name));
    for (const name of outputs) made.add(name);
    const attributes =
      inHalf && node.op === 'Cast' && isSingle(node.outputs[0]!) ? new Map([['to', int(codes.float16)]]) : node.attributes;
    written.push({ ...node, inputs, outputs, attributes });
  }
  for (const { name } of model.graph.outputs) needSingle(name);
  return { ...model, graph: withoutUnread({ ...model.graph, nodes: written, initializers, values: new Map() }) };
}
