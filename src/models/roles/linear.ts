import { constantOf, type Node, nodeOf, type Value } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/type.ts';
import type { Structure } from './structure.ts';

/** A constant of a graph, by its value. */
export interface Constant {
  readonly value: Value;
  readonly tensor: Tensor;
}

const constant = (v: Value | undefined): Constant | undefined => {
  const tensor = constantOf(v);
  return v && tensor && { value: v, tensor };
};

/** A linear layer: `x · weight + bias`. */
export interface Linear {
  readonly x: Value;
  readonly weight: Constant;
  /** Whether the file has the weight as [out, in]. */
  readonly turned: boolean;
  readonly bias: Constant | undefined;
}

/** The linear layer whose result a value is. */
export function linearAt(v: Value | undefined, structure: Structure): Linear | undefined {
  const node = v && nodeOf(v);
  return node && makers[node.op.onnx]?.(node, structure);
}

const makers: Readonly<Record<string, (node: Node, structure: Structure) => Linear | undefined>> = {
  MatMul: ({ inputs: [x, w] }) => {
    const weight = constant(w);
    return x && weight?.tensor.shape.length === 2 ? { x, weight, turned: false, bias: undefined } : undefined;
  },
  Gemm: ({ inputs: [x, w, b], attrs }) => {
    const weight = constant(w);
    const plain = attrs.transA === 0 && attrs.alpha === 1 && attrs.beta === 1;
    return x && weight && plain ? { x, weight, turned: attrs.transB === 1, bias: constant(b) } : undefined;
  },
  Add: ({ inputs }, structure) => {
    const bias = inputs.map(constant).find((c) => c?.tensor.shape.length === 1);
    const product = linearAt(
      inputs.find((v) => v !== bias?.value),
      structure,
    );
    return bias && product && !product.bias ? { ...product, bias } : undefined;
  },
  Reshape: ({ inputs: [x] }, structure) => linearAt(x, structure),
};

/** What may lie between a linear layer and the heads made of its result. */
const splitting: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Mul', 'Div', 'Identity', 'Squeeze', 'Unsqueeze']);

/** The linear layer behind heads. */
export function linearBehind(v: Value, structure: Structure): Linear | undefined {
  for (let at: Value | undefined = v; at; ) {
    const found = linearAt(at, structure);
    if (found) return found;
    const node = nodeOf(at);
    const before: readonly (Value | undefined)[] =
      node && splitting.has(node.op.onnx) ? node.inputs.filter((x) => x && structure.fed.has(x)) : [];
    at = before.length === 1 ? before[0] : undefined;
  }
  return undefined;
}

/** The one linear layer that an activation was given, whatever the activation is made of. */
export function linearBefore(v: Value, structure: Structure): Linear | undefined {
  const open = [v];
  const seen = new Set<Value>();
  let found: Linear | undefined;
  for (let at = open.pop(); at; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const layer = linearAt(at, structure);
    if (layer && found && layer.weight.value !== found.weight.value) return undefined;
    found ??= layer;
    if (!layer) open.push(...(nodeOf(at)?.inputs.filter((x): x is Value => x !== undefined && structure.fed.has(x)) ?? []));
  }
  return found;
}

/** A normalisation of the last axis. */
export interface Norm {
  readonly x: Value;
  readonly scale: Constant;
  readonly shift: Constant;
}

/** The normalisation whose result a value is, as one node or written out. */
export function normAt(v: Value): Norm | undefined {
  const node = nodeOf(v);
  const inputs = node?.inputs ?? [];
  if (node?.op.onnx === 'LayerNormalization') return normOf(inputs[0], constant(inputs[1]), constant(inputs[2]));
  if (node?.op.onnx !== 'Add') return undefined;
  const shift = inputs.map(constant).find((c) => c?.tensor.shape.length === 1);
  const scaled = nodeOf(inputs.find((x) => x !== shift?.value) ?? v);
  const scale = scaled?.op.onnx === 'Mul' ? scaled.inputs.map(constant).find((c) => c?.tensor.shape.length === 1) : undefined;
  const divided = scaled?.inputs.find((x) => x && x !== scale?.value);
  const centred = divided && nodeOf(divided)?.op.onnx === 'Div' ? nodeOf(nodeOf(divided)!.inputs[0]!) : undefined;
  return centred?.op.onnx === 'Sub' ? normOf(centred.inputs[0], scale, shift) : undefined;
}

const normOf = (x: Value | undefined, scale: Constant | undefined, shift: Constant | undefined): Norm | undefined =>
  x && scale && shift ? { x, scale, shift } : undefined;
