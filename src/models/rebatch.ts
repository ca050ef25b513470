import { type Graph, inputName } from '../graph/graph.ts';
import { type Dim, isFloat, type Shape, sizeOf, type Tensor, type TensorType, tensor } from '../graph/type.ts';
import { encode } from '../onnx/encode.ts';
import { OnnxError } from '../onnx/error.ts';
import { liftConstants } from '../onnx/lift-constants.ts';
import type { Model, ModelNode } from '../onnx/model.ts';
import { int64s } from '../ops/define.ts';
import { lower } from '../passes/lower.ts';
import type { Feeds } from '../runtime/port.ts';
import type { NamedTensor } from './named-tensor.ts';
import { type Engine, specialise } from './specialise.ts';

/**
 * The batch that was asked for where the file fixes another one; undefined where the file has none or the same.
 *
 * @throws OnnxError `sizes` unless the file fixes it to one and all inputs are asked for the same.
 */
export function newBatch(inputs: readonly NamedTensor[], shapes: ReadonlyMap<string, Shape>, source: string): Dim | undefined {
  const changed = inputs.filter((v) => typeof v.shape[0] === 'number' && v.shape[0] !== shapes.get(v.name)?.[0]);
  if (changed.length === 0) return undefined;
  const wanted = new Set(inputs.map((v) => shapes.get(v.name)?.[0]));
  const [batch] = wanted;
  if (wanted.size > 1 || batch === undefined || inputs.some((v) => v.shape[0] !== 1)) {
    const fixed = changed.map((v) => `'${v.name}' to ${v.shape[0]}`).join(', ');
    throw new OnnxError('sizes', `${source}: the file fixes the first axis of ${fixed}; give that size`);
  }
  return batch;
}

/**
 * Reads a model whose batch is fixed to one for a larger batch, or one of any size: shapes that begin with the one copy the size of the batch
 * instead. The result is compared with single examples, since nothing in a file says that a one is the batch.
 *
 * @throws OnnxError `fixed-batch` if the model does not treat examples independently; run it one by one then.
 */
export async function batchedTo(
  model: Model,
  batch: Dim,
  shapes: ReadonlyMap<string, Shape>,
  engine: Engine,
  source: string,
): Promise<Graph> {
  const ones = new Map([...shapes].map(([name, shape]): [string, Shape] => [name, [1, ...shape.slice(1)]]));
  const single = await specialise(model, ones, engine, source);
  const opened = { ...model, graph: liftConstants(model.graph) };
  const initializers = new Map(opened.graph.initializers);
  const nodes = opened.graph.nodes.map((node): ModelNode => {
    const data = single.names.get(node.inputs[0] ?? '');
    const wanted = node.op === 'Reshape' && node.domain === '' ? initializers.get(node.inputs[1] ?? '') : undefined;
    if (!wanted || data?.origin.kind === 'constant' || data?.shape[0] !== 1 || Number(wanted.data[0]) !== 1) return node;
    const name = `${node.outputs[0]}.shape`;
    initializers.set(name, int64s([0, ...Array.from(wanted.data.subarray(1), Number)]));
    return { ...node, inputs: [node.inputs[0]!, name] };
  });
  const values = new Map<string, never>();
  const outputs = opened.graph.outputs.map((v) => ({ ...v, shape: undefined }));
  const rewritten: Model = { ...opened, graph: { ...opened.graph, nodes, initializers, outputs, values } };
  try {
    const size = typeof batch === 'number' ? batch : triedBatch;
    const sized = new Map([...shapes].map(([name, shape]): [string, Shape] => [name, [size, ...shape.slice(1)]]));
    const many = await specialise(rewritten, sized, engine, source);
    await compare(single, many, size, engine);
    return size === batch ? many : await specialise(rewritten, shapes, engine, source);
  } catch (error) {
    if (!(error instanceof OnnxError)) throw error;
    throw new OnnxError(
      'fixed-batch',
      `${source}: its batch is fixed to 1, and a batch of ${batch} does not work (${error.message}); run it example by example`,
      error,
    );
  }
}

/** Examples with which a batch of any size is tried. */
const triedBatch = 3;

/** Largest difference between a batch and its examples that counts as rounding. */
const tolerance = 1e-3;

async function compare(single: Graph, many: Graph, batch: number, engine: Engine): Promise<void> {
  const wrong = [...many.outputs].find(([, v]) => v.shape[0] !== batch);
  if (wrong) throw new OnnxError('fixed-batch', `its output '${wrong[0]}' is [${wrong[1].shape.join(',')}]`);
  const openGraph = (graph: Graph) => engine.open(encode(lower(graph, { provider: 'cpu', block: 0 })));
  const [one, all] = await Promise.all([openGraph(single), openGraph(many)]);
  try {
    const feeds = (rows: readonly number[]): Feeds =>
      Object.fromEntries(many.inputs.map((v) => [inputName(v)!, examples(v.type, rows)]));
    const together = await all.run(feeds(Array.from({ length: batch }, (_, row) => row)));
    for (const row of new Set([0, batch - 1])) {
      const alone = await one.run(feeds([row]));
      for (const [name, t] of Object.entries(alone)) requireClose(t, together[name]!, row, name);
    }
  } finally {
    await Promise.all([one.release(), all.release()]);
  }
}

/** Made-up inputs in which every example differs from the others. */
function examples({ dtype, shape }: TensorType, rows: readonly number[]): Tensor {
  const size = sizeOf(shape.slice(1));
  const value = (row: number, i: number): number => Math.sin((row + 1) * (i + 1));
  const numbers = rows.flatMap((row) => Array.from({ length: size }, (_, i) => (isFloat(dtype) ? value(row, i) : (row + i) % 3)));
  return tensor(dtype, [rows.length, ...(shape.slice(1) as number[])], dtype === 'float16' ? numbers.map(halfBits) : numbers);
}

/** A number as float16 bits, exact enough for made-up inputs: sign and three bits of fraction of something below 2. */
const halfBits = (x: number): number =>
  (x < 0 ? 0x8000 : 0) | (Math.abs(x) < 0.5 ? 0 : 0x3800 | (Math.round((Math.abs(x) - 0.5) * 15) << 6));

function requireClose(alone: Tensor, together: Tensor, row: number, name: string): void {
  const size = alone.data.length;
  for (let i = 0; i < size; i++) {
    const a = Number(alone.data[i]);
    const b = Number(together.data[row * size + i]);
    if (!(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a)))) {
      throw new OnnxError(
        'fixed-batch',
        `'${name}' of example ${row} is ${a} alone and ${b} in the batch: examples influence each other`,
      );
    }
  }
}
