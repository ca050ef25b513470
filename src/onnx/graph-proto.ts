import { create } from '@bufbuild/protobuf';
import { type GraphProto, GraphProtoSchema, type NodeProto, NodeProtoSchema, type TensorProto } from 'onnx-buf';
import { GraphError } from '../graph/error.ts';
import { type Graph, inputName, type Node, nodeOf, type Value } from '../graph/graph.ts';
import { neededNodes } from '../graph/needed.ts';
import type { Tensor } from '../graph/type.ts';
import { specOf } from '../ops/define.ts';
import { attributeProto, tabled } from './attribute.ts';
import type { ProtoEmitter } from './foreign-node.ts';
import { type Names, uniqueNames } from './names.ts';
import { bytesOf } from './tensor.ts';
import { valueInfo } from './value-info.ts';

interface Options {
  readonly name: string;
  readonly order: readonly Node[] | undefined;
  readonly place: (t: Tensor, name: string) => TensorProto;
}

/** The domain of operators that exist only in Potstill. */
const own = 'potstill';

/** What the outputs of a graph need, as ONNX's message, with the domains it uses beside the standard one. */
export function graphProto(
  graph: Graph,
  { name, order, place }: Options,
): { readonly proto: GraphProto; readonly domains: ReadonlySet<string> } {
  const nodes = arranged(neededNodes(graph), order);
  refuseOwn(nodes);

  const names = uniqueNames();
  const known = new Map<Value, string>();
  for (const v of graph.inputs) {
    names.reserve(inputName(v)!);
    known.set(v, inputName(v)!);
  }
  const copies = nameOutputs(graph, names, known);
  const given = givenNames(graph);
  const initializers = constants(names, place, given);
  const nameOf = (v: Value, wish: string): string => {
    const before = known.get(v);
    if (before !== undefined) return before;
    const made = v.origin.kind === 'constant' ? initializers.of(v) : names.take(given.get(v) ?? wish);
    known.set(v, made);
    return made;
  };

  const written: NodeProto[] = [];
  const domains = new Set<string>();
  const labels = uniqueNames();
  for (const node of nodes) {
    const base = `${node.label ? `${node.label}/` : ''}${node.op.onnx}_${node.index}`;
    const inputs = node.inputs.map((v, i) => (v ? nameOf(v, `${base}.in${i}`) : ''));
    const outputs = node.outputs.map((v, i) => nameOf(v, i === 0 ? base : `${base}.${i}`));
    const emitter: ProtoEmitter = {
      proto: (message) => {
        if (message.domain) domains.add(message.domain);
        message.name = labels.take(base);
        written.push(message);
      },
      node: (op, ins, attrs, outs, domain = node.op.domain) => {
        emitter.proto(
          create(NodeProtoSchema, {
            input: trimmed(ins),
            output: [...outs],
            opType: op,
            ...(domain && { domain }),
            attribute: Object.entries(attrs).map(([key, value]) => attributeProto(key, value)),
          }),
        );
      },
      unique: names.take,
      constant: (t) => initializers.add(t),
      fresh: () => names.take(`${base}.part`),
    };
    const spec = specOf(node);
    if (spec.emit) spec.emit(emitter, inputs, node, outputs);
    else emitter.node(node.op.onnx, inputs, tabled(spec.attributes, node.attrs), outputs);
  }
  for (const [output, v] of copies) {
    written.push(
      create(NodeProtoSchema, {
        input: [nameOf(v, output)],
        output: [output],
        name: labels.take(`output ${output}`),
        opType: 'Identity',
      }),
    );
  }
  const proto = create(GraphProtoSchema, {
    name,
    node: written,
    initializer: initializers.list,
    input: graph.inputs.map((v) => valueInfo(inputName(v)!, v.type)),
    output: [...graph.outputs].map(([output, v]) => valueInfo(output, v.type)),
  });
  return { proto, domains };
}

function arranged(needed: readonly Node[], order: readonly Node[] | undefined): readonly Node[] {
  if (!order) return needed;
  const wanted = new Set(needed);
  const nodes = order.filter((n) => wanted.has(n));
  if (new Set(nodes).size !== needed.length || nodes.length !== needed.length) {
    throw new Error(`internal: the order given holds ${nodes.length} of the ${needed.length} nodes that the outputs need`);
  }
  return nodes;
}

function refuseOwn(nodes: readonly Node[]): void {
  const left = new Set(nodes.filter((n) => n.op.domain === own).map((n) => n.op.onnx));
  if (left.size > 0) throw new Error(`internal: ${[...left].join(', ')} must be lowered before the graph is written`);
}

/** Gives outputs their declared names; what cannot have its name (an input, a constant, a second name) needs a copy. */
function nameOutputs(graph: Graph, names: Names, known: Map<Value, string>): readonly (readonly [string, Value])[] {
  const copies: (readonly [string, Value])[] = [];
  for (const [output, v] of graph.outputs) {
    if (known.get(v) === output) {
      throw new GraphError('bad-attribute', `output '${output}': it is the input of that name; give it another name`);
    }
    if (!names.reserve(output)) {
      throw new GraphError('bad-attribute', `output '${output}': an input has that name; give the output another one`);
    }
    if (nodeOf(v) && !known.has(v)) known.set(v, output);
    else copies.push([output, v]);
  }
  return copies;
}

/** The first name people know each value by. */
function givenNames(graph: Graph): ReadonlyMap<Value, string> {
  const given = new Map<Value, string>();
  for (const [name, v] of graph.names) if (!given.has(v)) given.set(v, name);
  return given;
}

interface Initializers {
  readonly list: TensorProto[];
  of(v: Value): string;
  add(t: Tensor): string;
}

/** Constants up to this many bytes (axes, shapes, scalars) are one initializer wherever their contents are equal. */
const sharedBytes = 256;

function constants(names: Names, place: Options['place'], given: ReadonlyMap<Value, string>): Initializers {
  const list: TensorProto[] = [];
  const byMemory = new Map<ArrayBufferLike, Map<string, string>>();
  const byContent = new Map<string, string>();
  const write = (t: Tensor, wish: string): string => {
    const name = names.take(wish);
    list.push(place(t, name));
    return name;
  };
  const memo = <K>(table: Map<K, string>, key: K, make: () => string): string => {
    const name = table.get(key) ?? make();
    table.set(key, name);
    return name;
  };
  const add = (t: Tensor, wish = `constant_${list.length}`): string => {
    const type = `${t.dtype}:${t.shape.join()}`;
    if (t.data.byteLength <= sharedBytes) return memo(byContent, `${type}:${bytesOf(t).join()}`, () => write(t, wish));
    const views = byMemory.get(t.data.buffer) ?? new Map<string, string>();
    byMemory.set(t.data.buffer, views);
    return memo(views, `${type}:${t.data.byteOffset}`, () => write(t, wish));
  };
  return {
    list,
    add,
    of: (v) => {
      const origin = v.origin as Extract<Value['origin'], { kind: 'constant' }>;
      const wish = given.get(v);
      return wish === undefined ? add(origin.tensor) : write(origin.tensor, wish);
    },
  };
}

/** Inputs without the absent ones at the end. */
const trimmed = (names: readonly string[]): string[] => names.slice(0, names.findLastIndex((n) => n !== '') + 1);
