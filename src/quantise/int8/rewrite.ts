import { type Tensor, tensor } from '../../graph/type.ts';
import type { Model, ModelGraph, ModelNode } from '../../onnx/model.ts';
import { int, isOp, makeNode, resultOf } from '../node.ts';
import { withoutUnread } from '../prepare/fold-batch-norm.ts';
import type { Embedding } from './embeddings.ts';
import { type Affine, quantiseBias, quantiseWeight, scalesForBias } from './numbers.ts';
import type { Chosen } from './plan.ts';

/** Since this version the standard operators have a scale for each channel; before it, ONNX Runtime's own ones do. */
const perChannelOpset = 13;

export interface RewriteOptions {
  readonly chosen: readonly Chosen[];
  readonly embeddings: readonly Embedding[];
  /** Names of products that must not become one operator with the bias behind them: −b is subtracted then. */
  readonly apart: ReadonlySet<string>;
  /** Scale and zero point of a value, by its name in the model. */
  readonly affine: (name: string) => Affine;
  /** Largest magnitude of an 8-bit weight. */
  readonly most: number;
}

/**
 * Writes pairs of QuantizeLinear and DequantizeLinear around the chosen nodes. All values keep their names: one that is rounded is
 * made as `NAME.float` first; one that only some nodes read rounded has a twin `NAME.rounded`.
 */
export function rewriteInt8(model: Model, { chosen, embeddings, apart, affine, most }: RewriteOptions): Model {
  const initializers = new Map(model.graph.initializers);
  const domain = (model.opsets.get('') ?? 0) >= perChannelOpset ? '' : 'com.microsoft';
  const byNode = new Map(chosen.map((c) => [c.node, c]));
  const rows = new Map(embeddings.map((e) => [e.node, e]));
  const scaleOf = affinesOf(chosen, affine);
  const rounded = new Set(chosen.flatMap((c) => c.rounded ?? []));
  const twins = new Set<string>();
  const sums = new Map(
    chosen.flatMap(({ node }) => {
      const behind = apart.has(node.name) ? biasBehind(model.graph, node) : undefined;
      return behind ? [[behind.sum, behind.at] as const] : [];
    }),
  );
  const written: ModelNode[] = [];

  const add = (name: string, t: Tensor): string => {
    initializers.set(name, t);
    return name;
  };
  const pair = (from: string, to: string, name: string): readonly ModelNode[] => {
    const { scale, zero } = scaleOf(name);
    const inputs = [add(`${name}.scale`, tensor('float32', [], [scale])), add(`${name}.zero`, tensor('uint8', [], [zero]))];
    return [
      makeNode('QuantizeLinear', `${name}.quantise`, [from, ...inputs], [`${name}.quantised`], {}, domain),
      makeNode('DequantizeLinear', `${name}.dequantise`, [`${name}.quantised`, ...inputs], [to], {}, domain),
    ];
  };
  const dequantised = (name: string, q: Tensor, scales: Tensor, axis: number): string => {
    const zeros: Tensor = {
      dtype: q.dtype,
      shape: scales.shape,
      data: q.dtype === 'int8' ? new Int8Array(scales.data.length) : new Int32Array(scales.data.length),
    };
    const inputs = [add(`${name}.quantised`, q), add(`${name}.scale`, scales), add(`${name}.zero`, zeros)];
    written.push(
      makeNode('DequantizeLinear', `${name}.dequantise`, inputs, [`${name}.dequantised`], { axis: int(axis) }, domain),
    );
    return `${name}.dequantised`;
  };
  const negated = (name: string): string => {
    const { shape, data } = initializers.get(name)!;
    return add(`${name}.negated`, { dtype: 'float32', shape, data: (data as Float32Array).map((b) => -b) });
  };
  const activation = (name: string): string => {
    if (rounded.has(name)) return name;
    if (!twins.has(name)) written.push(...pair(name, `${name}.rounded`, name));
    twins.add(name);
    return `${name}.rounded`;
  };
  const inputsOf = ({ node, form }: Chosen): readonly string[] => {
    const inputs = [...node.inputs];
    for (const at of form.activations) inputs[at] = activation(inputs[at]!);
    if (!form.weight) return inputs;
    const { at, axis } = form.weight;
    const bias = form.bias === undefined ? undefined : initializers.get(node.inputs[form.bias]!);
    const input = scaleOf(node.inputs[0]!).scale;
    const w = quantiseWeight(initializers.get(node.inputs[at]!)!, axis, most, bias && scalesForBias(bias, input));
    inputs[at] = dequantised(`${resultOf(node)}.weight`, w.q, w.scales, axis);
    if (bias) {
      const b = quantiseBias(bias, input, w.scales);
      inputs[form.bias!] = dequantised(`${resultOf(node)}.bias`, b.q, b.scales, 0);
    }
    return inputs;
  };

  for (const node of model.graph.nodes) {
    const found = byNode.get(node);
    const embedding = rows.get(node);
    const inputs = found ? inputsOf(found) : node.inputs;
    const outputs = node.outputs.map((name) => (rounded.has(name) ? `${name}.float` : name));
    if (embedding) written.push(...gathered(node, embedding, add));
    else if (sums.has(node))
      written.push({ ...node, op: 'Sub', inputs: [inputs[1 - sums.get(node)!]!, negated(inputs[sums.get(node)!]!)], outputs });
    else written.push({ ...node, inputs, outputs });
    for (const name of node.outputs) if (rounded.has(name)) written.push(...pair(`${name}.float`, name, name));
  }
  const opsets = domain === '' ? model.opsets : new Map([...model.opsets, [domain, 1]]);
  const graph: ModelGraph = withoutUnread({ ...model.graph, nodes: written, initializers, values: new Map() });
  return { ...model, opsets, graph };
}

/** The Add of a fixed bias behind a product, with the place of the bias; undefined where there is none, or others read the product. */
function biasBehind(graph: ModelGraph, product: ModelNode): { readonly sum: ModelNode; readonly at: number } | undefined {
  const [sum, ...others] = graph.nodes.filter((n) => n.inputs.includes(resultOf(product)));
  if (!sum || !isOp(sum, 'Add') || others.length > 0) return undefined;
  const at = sum.inputs[0] === resultOf(product) ? 1 : 0;
  return graph.initializers.get(sum.inputs[at]!)?.dtype === 'float32' ? { sum, at } : undefined;
}

/** Scales of values; what only moves values has that of its input, so that nothing is rounded twice. */
function affinesOf(chosen: readonly Chosen[], affine: RewriteOptions['affine']): (name: string) => Affine {
  const from = new Map(
    chosen.flatMap(({ node, form, rounded }) => (form.result === 'input' ? [[rounded!, node.inputs[0]!] as const] : [])),
  );
  const find = (name: string): Affine => {
    const before = from.get(name);
    return before === undefined ? affine(name) : find(before);
  };
  return find;
}

/** Rows of 8 bits, each with a scale of its own. */
function gathered(node: ModelNode, { weight }: Embedding, add: (name: string, t: Tensor) => string): readonly ModelNode[] {
  const y = resultOf(node);
  const { q, scales } = quantiseWeight(weight, 0);
  const table = add(`${node.inputs[0]}.rows`, q);
  const column = add(`${node.inputs[0]}.row-scales`, { ...scales, shape: [weight.shape[0]!, 1] });
  const at = node.inputs[1]!;
  return [
    { ...node, inputs: [table, at], outputs: [`${y}.rows`] },
    { ...node, name: `${node.name}.scales`, inputs: [column, at], outputs: [`${y}.scales`] },
    makeNode('Cast', `${node.name}.cast`, [`${y}.rows`], [`${y}.steps`], { to: int(1) }),
    makeNode('Mul', `${node.name}.scale`, [`${y}.steps`, `${y}.scales`], [y]),
  ];
}
