import { inputName, type Node, nodeOf, type Value } from '../graph/graph.ts';
import type { Uses } from '../graph/uses.ts';

/** Names that say nothing: `onnx::MatMul_363`, `1024`, `_to_copy_5`. */
const anonymous = /^(\w+::)?(\w*_)?\d+$/;

/** Operators whose second input is the matrix of a layer. */
const products: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);

/**
 * What to call a weight that an exporter only numbered, as PyTorch's does with matrices that it transposes: like the bias that is
 * added next (`query.bias` → `query.weight`), else after the path of its node (`/encoder/query/MatMul` → `encoder.query.weight`).
 * The file's own name where that says something, or nothing better is known.
 */
export function layerName(file: string, v: Value, uses: Uses): string {
  const [use] = uses.get(v) ?? [];
  if (!anonymous.test(file) || !use || !products.has(use.node.op.onnx) || use.at !== 1) return file;
  const bias = biasAfter(use.node, v, uses);
  if (bias?.endsWith('.bias')) return bias.replace(/bias$/, 'weight');
  const [, path] = use.node.label.match(/^\/(.+)\/(?:MatMul|Gemm)(?:_\d+)?$/) ?? [];
  return path ? `${path.replaceAll('/', '.')}.weight` : file;
}

/** The name of the constant that is added to a product, or that the product takes as its third input. */
function biasAfter(node: Node, weight: Value, uses: Uses): string | undefined {
  const names = weight.graph.names;
  const nameOf = (v: Value | undefined): string | undefined =>
    v && !nodeOf(v) && inputName(v) === undefined ? [...names].find(([, named]) => named === v)?.[0] : undefined;
  const own = nameOf(node.inputs[2]);
  if (own) return own;
  const after = uses.get(node.outputs[0]!)?.[0]?.node;
  return after?.op.onnx === 'Add' ? after.inputs.map(nameOf).find((name) => name !== undefined) : undefined;
}
