import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type GraphProto, ModelProtoSchema, type NodeProto, NodeProtoSchema } from 'onnx-buf';
import { OnnxError } from './error.ts';
import type { WeightsFile } from './with-weights.ts';

/** A part of a graph by the names of what goes in and what comes out. */
export interface Bypassed {
  /** What messages call it. */
  readonly name: string;
  readonly enters: string;
  readonly leaves: string;
}

/**
 * An ONNX file without some blocks: whoever read what a block gives reads what went into it. What nothing needs any longer, weights
 * included, falls away; everything else is as it was. Weights in other files stay there.
 *
 * @throws OnnxError `unsupported` if something outside reads a value inside of a block, or a block is not in the main graph.
 */
export function withoutBlocks({ source, bytes }: WeightsFile, blocks: readonly Bypassed[]): Uint8Array<ArrayBuffer> {
  const model = fromBinary(ModelProtoSchema, bytes);
  const { graph } = model;
  if (!graph) throw new OnnxError('damaged', `${source}: it has no graph`);
  const wires = wiresOf(graph);
  const insides = blocks.map((block) => ({ block, inside: insideOf(block, wires, source) }));

  const routes = new Map(blocks.map(({ enters, leaves }) => [leaves, enters]));
  const routed = (name: string): string => {
    const to = routes.get(name);
    return to === undefined ? name : routed(to);
  };
  const answers = graph.output.map((v) => v.name);
  for (const node of graph.node) rewire(node, routed);
  for (const name of answers.filter((answer) => routes.has(answer))) {
    const maker = wires.makers.get(name)!;
    maker.output = maker.output.map((made) => (made === name ? `${name}.left-out` : made));
    graph.node.push(create(NodeProtoSchema, { opType: 'Identity', name, input: [routed(name)], output: [name] }));
  }

  const needed = behind(answers, wiresOf(graph).makers);
  for (const { block, inside } of insides) refuseReaders(block, inside, needed, answers, source);
  keepOnly(graph, needed, answers);
  return toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>;
}

/** Who makes and who reads the values of a graph, by name. */
interface Wires {
  readonly makers: ReadonlyMap<string, NodeProto>;
  readonly readers: ReadonlyMap<string, readonly NodeProto[]>;
}

function wiresOf(graph: GraphProto): Wires {
  const makers = new Map<string, NodeProto>();
  const readers = new Map<string, NodeProto[]>();
  for (const node of graph.node) {
    for (const name of node.output) makers.set(name, node);
    for (const name of readsOf(node)) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  return { makers, readers };
}

const subgraphs = (node: NodeProto): readonly GraphProto[] => node.attribute.flatMap((a) => [...(a.g ? [a.g] : []), ...a.graphs]);

/** Every name that a node and its subgraphs read. */
const readsOf = (node: NodeProto): readonly string[] => [
  ...node.input,
  ...subgraphs(node).flatMap((g) => [...g.node.flatMap(readsOf), ...g.output.map((v) => v.name)]),
];

function rewire(node: NodeProto, routed: (name: string) => string): void {
  node.input = node.input.map(routed);
  for (const inner of subgraphs(node)) {
    for (const each of inner.node) rewire(each, routed);
    for (const v of inner.output) v.name = routed(v.name);
  }
}

/** The nodes that some values need. */
function behind(names: readonly string[], makers: Wires['makers']): ReadonlySet<NodeProto> {
  const found = new Set<NodeProto>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = makers.get(name);
    if (!node || found.has(node)) continue;
    found.add(node);
    open.push(...readsOf(node));
  }
  return found;
}

/** They tell how much there is, not what. */
const sizes: ReadonlySet<string> = new Set(['Shape', 'Size']);

interface Inside {
  /** On the way from the contents of what enters a block to what leaves it. */
  readonly nodes: ReadonlySet<NodeProto>;
  /** Everything that what leaves it needs. */
  readonly upTo: ReadonlySet<NodeProto>;
}

function insideOf({ name, enters, leaves }: Bypassed, { makers, readers }: Wires, source: string): Inside {
  const [before, upTo] = [behind([enters], makers), behind([leaves], makers)];
  const nodes = new Set<NodeProto>();
  const open = [...(readers.get(enters) ?? [])];
  for (let node = open.pop(); node; node = open.pop()) {
    if (nodes.has(node) || sizes.has(node.opType) || !upTo.has(node) || before.has(node)) continue;
    nodes.add(node);
    open.push(...node.output.flatMap((made) => readers.get(made) ?? []));
  }
  const last = makers.get(leaves);
  if (last && nodes.has(last)) return { nodes, upTo };
  throw new OnnxError(
    'unsupported',
    `${source}: ${name} cannot be left out: '${leaves}' does not follow from '${enters}' in the main graph of the file`,
  );
}

function refuseReaders(
  { name }: Bypassed,
  { nodes, upTo }: Inside,
  needed: ReadonlySet<NodeProto>,
  answers: readonly string[],
  source: string,
): void {
  const made = new Set([...nodes].filter((node) => needed.has(node)).flatMap((node) => node.output));
  if (made.size === 0) return;
  const readOf = (node: NodeProto): string | undefined => readsOf(node).find((read) => made.has(read));
  const readers = [...needed].filter((node) => !nodes.has(node) && readOf(node) !== undefined);
  // What only helps to work out the block, such as sizes, is not why it is still there.
  const reader = readers.find((node) => !upTo.has(node)) ?? readers[0];
  const answer = answers.find((value) => made.has(value));
  const [by, what] =
    answer === undefined && reader
      ? [`${reader.opType} '${reader.name || reader.output[0]}'`, readOf(reader)]
      : ['an output of the file', answer];
  throw new OnnxError(
    'unsupported',
    `${source}: ${name} cannot be left out: ${by} outside of it reads '${what}' inside of it; keep that layer`,
  );
}

/** Takes out of a graph what no needed node reads. */
function keepOnly(graph: GraphProto, needed: ReadonlySet<NodeProto>, answers: readonly string[]): void {
  graph.node = graph.node.filter((node) => needed.has(node));
  const named = new Set([...answers, ...graph.node.flatMap((node) => [...readsOf(node), ...node.output])]);
  const weights = new Set(graph.initializer.map((t) => t.name));
  graph.initializer = graph.initializer.filter((t) => named.has(t.name));
  graph.sparseInitializer = graph.sparseInitializer.filter((t) => named.has(t.values?.name ?? ''));
  graph.quantizationAnnotation = graph.quantizationAnnotation.filter((a) => named.has(a.tensorName));
  // Old files list weights as inputs too.
  graph.input = graph.input.filter((v) => !weights.has(v.name) || named.has(v.name));
  graph.valueInfo = graph.valueInfo.filter((v) => named.has(v.name));
}
