import { constantOf, type Graph, inputName, type Node, type Value } from '../graph/graph.ts';
import { neededNodes } from '../graph/needed.ts';
import { isFloat, sameShape, showType, type Tensor } from '../graph/type.ts';

export interface CopyOptions {
  /** Put before the labels of nodes. */
  readonly label?: string;
  /** Which named float constants become parameters; none unless told: the copy is frozen. */
  readonly trainable?: (name: string) => boolean;
  /** Gives the value of a parameter; `tensor` is what the file has. Needed where something is trainable. */
  readonly param?: (name: string, tensor: Tensor) => Value;
  /** Other values for the outputs of a node of the original, made of what its inputs became; undefined: the node as it is. */
  readonly instead?: (node: Node, inputs: readonly (Value | undefined)[]) => readonly Value[] | undefined;
}

/** Values of a copy by the names that the original has for them. */
export type Copied = Readonly<Record<string, Value>>;

/** Appends everything of a graph that has a name to another graph. */
export function copyGraph(from: Graph, into: Graph, inputs: Readonly<Record<string, Value>>, options: CopyOptions): Copied {
  const copies = new Map<Value, Value>();
  for (const v of from.inputs) {
    const name = inputName(v)!;
    const given = inputs[name];
    if (!given || given.dtype !== v.dtype || !sameShape(given.shape, v.shape)) {
      throw new Error(`internal: input '${name}' needs ${showType(v.type)}, got ${given ? showType(given.type) : 'nothing'}`);
    }
    copies.set(v, given);
  }
  const names = new Map<Value, string>();
  for (const [name, v] of from.names) if (!names.has(v)) names.set(v, name);

  const parameter = (v: Value, tensor: Tensor): Value | undefined => {
    const name = names.get(v);
    if (name === undefined || !isFloat(tensor.dtype) || !options.trainable?.(name)) return undefined;
    return options.param?.(name, tensor);
  };
  const copy = (v: Value): Value => {
    const before = copies.get(v);
    if (before) return before;
    const tensor = constantOf(v)!;
    const made = parameter(v, tensor) ?? into.constant(tensor);
    copies.set(v, made);
    return made;
  };
  for (const node of neededNodes(from, from.names.values())) {
    const label = [options.label, node.label].filter(Boolean).join('/');
    const ins = node.inputs.map((v) => v && copy(v));
    const types = node.outputs.map((v) => v.type);
    const outs = into.scoped(label, () => options.instead?.(node, ins)) ?? into.node(node.op, ins, node.attrs, types, label);
    node.outputs.forEach((v, i) => void copies.set(v, outs[i]!));
  }
  return Object.fromEntries([...from.names].map(([name, v]) => [name, copy(v)]));
}
