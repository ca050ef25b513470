import { type DType, type Tensor, tensor } from '../graph/type.ts';
import { int64s } from '../ops/define.ts';
import type { ModelAttribute, ModelGraph, ModelNode } from './model.ts';

type Kind = ModelAttribute['kind'];
type Plain<K extends Kind> = Extract<ModelAttribute, { kind: K }>['value'];

const floats = (shape: readonly number[], values: readonly number[]): Tensor => tensor('float32' satisfies DType, shape, values);

/** The ways in which a Constant node says its value. */
const forms: readonly (readonly [attribute: string, kind: Kind, as: (value: never) => Tensor])[] = [
  ['value', 'tensor', (t: Plain<'tensor'>) => t],
  ['value_float', 'float', (x: Plain<'float'>) => floats([], [x])],
  ['value_floats', 'floats', (x: Plain<'floats'>) => floats([x.length], x)],
  ['value_int', 'int', (x: Plain<'int'>) => ({ dtype: 'int64', shape: [], data: BigInt64Array.of(x) })],
  ['value_ints', 'ints', (x: Plain<'ints'>) => int64s(x.map(Number))],
];

/** Turns Constant nodes into initializers; those that hold text or sparse values stay. */
export function liftConstants(graph: ModelGraph): ModelGraph {
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.filter((node) => {
    const value = node.op === 'Constant' && node.domain === '' ? valueIn(node) : undefined;
    const name = node.outputs[0];
    if (!value || !name || initializers.has(name)) return true;
    initializers.set(name, value);
    return false;
  });
  return nodes.length === graph.nodes.length ? graph : { ...graph, nodes, initializers };
}

function valueIn(node: ModelNode): Tensor | undefined {
  for (const [attribute, kind, as] of forms) {
    const a = node.attributes.get(attribute);
    if (a?.kind === kind) return as(a.value as never);
  }
  return undefined;
}
