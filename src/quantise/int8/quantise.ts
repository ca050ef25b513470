import type { ReadExternal } from '../../onnx/decode-tensor.ts';
import { OnnxError } from '../../onnx/error.ts';
import type { Model, ModelNode } from '../../onnx/model.ts';
import { writeModel } from '../../onnx/write-model.ts';
import type { Runtime } from '../../runtime/port.ts';
import { type Calibration, calibrate } from '../calibrate/calibrate.ts';
import type { Histogram } from '../calibrate/histogram.ts';
import { type RangeRule, usualRange } from '../calibrate/ranges.ts';
import { matcher } from '../pattern.ts';
import { delayBias } from '../prepare/delay-bias.ts';
import { prepare } from '../prepare/prepare.ts';
import { splitGemm } from '../prepare/split-gemm.ts';
import { findEmbeddings } from './embeddings.ts';
import { unfusedIn } from './fusion.ts';
import { affineOf } from './numbers.ts';
import { type Chosen, type Kept, planInt8 } from './plan.ts';
import { rewriteInt8 } from './rewrite.ts';

export interface Int8Options {
  readonly runtime: Pick<Runtime, 'open' | 'optimised' | 'version'>;
  /** Batches like those that the model will see; a few hundred examples are enough. They are gone through once. */
  readonly calibration: Calibration;
  /** What the model is called in messages. */
  readonly source?: string;
  readonly readExternal?: ReadExternal;
  /** How ranges of activations follow from what calibration saw; `usualRange` unless told. */
  readonly range?: RangeRule;
  /** Nodes that stay in float32, by name; `*` stands for any characters. */
  readonly keep?: readonly string[];
  /** Whether the first and the last node with weights stay in float32. */
  readonly keepEnds?: boolean;
  /** Whether products of two activations (attention) are computed in 8 bits as well. */
  readonly products?: boolean;
  /** Matrices and tables with fewer weights stay in float32. */
  readonly smallest?: number;
  /** Weights of 7 bits: for x86 processors without VNNI, whose sums of products may overflow with 8. */
  readonly reduceRange?: boolean;
  /** What is done with nodes that the engine does not compute in 8 bits: made float32 again (the default), or left and reported. */
  readonly unfused?: 'revert' | 'report';
  /** Bytes of inner tensors that calibration fetches at a time; 256 MB unless told. */
  readonly memory?: number;
}

export interface QuantiseReport {
  readonly quantised: readonly { readonly node: string; readonly op: string }[];
  /** Nodes with weights or of an operator that could be 8 bits, and why they are not. */
  readonly kept: readonly Kept[];
  /** Nodes of the file that look like 8 bits and are computed in float32 by this engine. */
  readonly unfused: readonly Kept[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export interface Quantised {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly report: QuantiseReport;
}

const defaults = { smallest: 1024, memory: 256e6 };

/** Reverting a node can make its neighbours lose their partners; more rounds than this are not needed in practice. */
const mostRounds = 4;

/**
 * Makes an 8-bit file of a float32 one: weights signed, with a scale for each output channel; activations unsigned, with ranges from
 * calibration; QuantizeLinear and DequantizeLinear around what is computed in 8 bits. Inputs, outputs and open sizes stay as they are.
 *
 * @throws OnnxError if it is no float32 model, is quantised already, or does not run with the calibration batches.
 */
export async function quantiseToInt8(bytes: Uint8Array, options: Int8Options): Promise<Quantised> {
  const { runtime, source = 'ONNX model', readExternal, range = usualRange, memory = defaults.memory } = options;
  const read = prepare(bytes, { source, ...(readExternal && { readExternal }) });
  const model = { ...read, graph: delayBias(splitGemm(read.graph)) };
  const ends = options.keepEnds ? endsOf(model) : new Set<ModelNode>();
  const pattern = matcher(
    options.keep ?? [],
    model.graph.nodes.map((n) => n.name),
    source,
  );
  const reverted = new Map<string, string>();
  const apart = new Set<string>();
  const stays = (node: ModelNode): string | undefined =>
    reverted.get(node.name) ?? (pattern(node.name) ? 'asked for' : ends.has(node) ? 'first or last' : undefined);

  const smallest = options.smallest ?? defaults.smallest;
  const planned = () => {
    const { chosen, kept } = planInt8(model, { products: options.products ?? false, smallest, stays });
    const tables = findEmbeddings(model.graph, { chosen, smallest, stays });
    return { chosen, embeddings: tables.found, kept: [...kept, ...tables.kept] };
  };
  let plan = planned();
  const seen = await calibrate(model, valuesOf(plan.chosen), { runtime, calibration: options.calibration, memory, source });
  for (const [name, h] of seen) requireFinite(h, name, source);
  const affines = new Map([...seen].map(([name, h]) => [name, affineOf(range.range(h))]));
  for (let round = 1; ; round++) {
    const rewritten = rewriteInt8(model, {
      ...plan,
      apart,
      affine: (name) => affines.get(name)!,
      most: options.reduceRange ? 63 : 127,
    });
    const written = writeModel(rewritten);
    const optimised = await runtime.optimised(written).catch((error: Error) => error);
    if (optimised instanceof Error) {
      // Before opset 13 ONNX Runtime's own way to round a bias makes a graph that it refuses: then no product may be joined with one.
      const products = plan.chosen.filter(({ node }) => node.op === 'MatMul' && !apart.has(node.name));
      if (products.length === 0) throw optimised;
      for (const { node } of products) apart.add(node.name);
      continue;
    }
    const unfused = unfusedIn(optimised, plan.chosen);
    const joinable = unfused.filter((u) => u.joined && !apart.has(u.chosen.node.name));
    if (joinable.length > 0) {
      for (const { chosen } of joinable) apart.add(chosen.node.name);
      continue;
    }
    if (options.unfused !== 'report' && unfused.length > 0 && round < mostRounds) {
      for (const { chosen, reason } of unfused) {
        reverted.set(chosen.node.name, `ONNX Runtime ${runtime.version} does not fuse it: ${reason}`);
      }
      plan = planned();
      continue;
    }
    return {
      bytes: written,
      report: {
        quantised: [...plan.chosen, ...plan.embeddings].map(({ node }) => ({ node: node.name, op: node.op })),
        kept: plan.kept,
        unfused: unfused.map(({ chosen: { node }, reason }) => ({ node: node.name, op: node.op, reason })),
        bytesBefore: bytes.byteLength,
        bytesAfter: written.byteLength,
      },
    };
  }
}

/** Values that are rounded somewhere. */
const valuesOf = (chosen: readonly Chosen[]): readonly string[] => [
  ...new Set(
    chosen.flatMap(({ node, form, rounded }) => [
      ...form.activations.map((at) => node.inputs[at]!),
      ...(rounded ? [rounded] : []),
    ]),
  ),
];

/** The first and the last node that has weights. */
function endsOf({ graph }: Model): ReadonlySet<ModelNode> {
  const weighted = graph.nodes.filter((n) => (n.op === 'MatMul' || n.op === 'Conv') && graph.initializers.has(n.inputs[1]!));
  return new Set([weighted.at(0), weighted.at(-1)].flatMap((n) => n ?? []));
}

function requireFinite(h: Histogram, name: string, source: string): void {
  if (h.strange === 0) return;
  throw new OnnxError(
    'unsupported',
    `${source}: '${name}' has ${h.strange} values on the calibration data that are not finite; expected numbers; check the data, or keep the nodes that read it in float32`,
  );
}
