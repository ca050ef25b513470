import type { Attrs, AttrValue, Value } from '../graph/graph.ts';
import { type AttrKind, type NodeReader, type Op, Unreadable } from '../ops/define.ts';
import { findOperator } from '../ops/index.ts';
import type { ModelNode } from './model.ts';

/** Reads a node as what the table of operators says it is; throws if it says nothing, or the node is not like that. */
export function readNode(node: ModelNode, reader: NodeReader): readonly Value[] {
  const entry = findOperator(node.op, node.domain);
  if (!entry) throw new Unreadable(`Potstill does not know the operator ${node.domain ? `${node.domain}.` : ''}${node.op}`);
  const read = 'spec' in entry ? entry.spec.read : entry.read;
  const made = read ? read(reader) : asTabled(node, reader, entry as Op<Attrs>);
  return Array.isArray(made) ? (made as readonly Value[]) : [made as Value];
}

const accessors: { readonly [K in AttrKind]?: (r: NodeReader, name: string, otherwise: never) => AttrValue } = {
  int: (r, name, otherwise: number | undefined) => r.int(name, otherwise),
  float: (r, name, otherwise: number | undefined) => r.float(name, otherwise),
  string: (r, name, otherwise: string | undefined) => r.string(name, otherwise),
  ints: (r, name, otherwise: readonly number[] | undefined) => r.ints(name, otherwise),
  floats: (r, name, otherwise: readonly number[] | undefined) => r.floats(name, otherwise),
  tensor: (r, name) => r.tensor(name),
};

/** The default: inputs and attributes as they are. */
function asTabled(node: ModelNode, reader: NodeReader, entry: Op<Attrs>): readonly Value[] {
  const table = Object.entries(entry.spec.attributes ?? {}) as [string, readonly [AttrKind, unknown?]][];
  const strange = [...node.attributes.keys()].find((name) => !table.some(([key]) => key === name));
  if (strange !== undefined) throw new Unreadable(`Potstill's ${node.op} has no attribute '${strange}'`);
  const attrs = table.map(([name, [kind, otherwise]]): [string, AttrValue] => {
    const get = accessors[kind];
    if (!get) throw new Unreadable(`Potstill does not read its attribute '${name}'`);
    // A flag is a truth value in the table and an integer in the file.
    if (typeof otherwise === 'boolean') return [name, reader.int(name, Number(otherwise)) !== 0];
    return [name, get(reader, name, otherwise as never)];
  });
  return entry.all(reader.inputs, Object.fromEntries(attrs));
}
