import { Graph, type Node, type Value } from '../../graph/graph.ts';
import type { Shape } from '../../graph/type.ts';
import { type Built, buildModel } from '../build.ts';
import type { Model, ModelShape } from '../define.ts';
import { ModelError } from '../error.ts';

/** Channels that have to stay or go together, such as those of all layers whose outputs are added. */
export interface ChannelGroup {
  readonly units: number;
  /** Input and answer of the model: they always stay. */
  readonly fixed: boolean;
}

/** What an axis of a parameter counts: channels of a group, `each` numbers in a row for one. */
export interface ChannelAxis {
  readonly group: ChannelGroup;
  readonly each: number;
}

/** What the axes of the parameters of a model count; null: no channels (the places of a kernel). */
export interface Channels {
  readonly axes: ReadonlyMap<string, readonly (ChannelAxis | null)[]>;
  /** Parameters that make the channels of a group, and along which axis. */
  readonly makers: ReadonlyMap<ChannelGroup, readonly { readonly name: string; readonly axis: number }[]>;
}

/** A model in a graph of its own, with its tensors as inputs, as it is evaluated. */
export function outlined(
  model: Model,
  { input }: Pick<ModelShape, 'input'>,
): Built & { readonly graph: Graph; readonly x: Value } {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: ['N', ...input] });
  return { ...buildModel(model, graph, x, { training: false, source: 'inputs' }), graph, x };
}

interface Tracing {
  /** Name of a trained tensor or running statistic. */
  readonly nameOf: (v: Value | undefined) => string | undefined;
  readonly of: (v: Value) => OpenAxis | undefined;
  /** Says what an axis of a parameter counts. */
  readonly say: (v: Value | undefined, axis: number, counts: OpenAxis | undefined) => void;
  readonly newGroup: (units: number, maker: Value, axis: number) => OpenAxis;
  readonly together: (a: OpenAxis, b: OpenAxis) => void;
}
interface OpenAxis {
  readonly group: number;
  readonly each: number;
}

/** What the channels (axis 1) of a node's output are. */
type Rule = (node: Node, tracing: Tracing) => OpenAxis | undefined;

const sizes = (shape: Shape): readonly number[] => shape.slice(1) as readonly number[];
const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);

const passOn: Rule = ({ inputs, outputs }, { of, say, nameOf, together }) => {
  const width = outputs[0]!.shape[1];
  const channels = inputs.filter((v) => v && !nameOf(v) && v.rank >= 2 && v.shape[1] === width).map((v) => of(v!));
  const [first] = channels;
  // Of a sum both sides have to be known: what is padded to fit has channels in other places.
  if (!first || channels.includes(undefined)) return undefined;
  for (const other of channels.slice(1)) together(first, other!);
  for (const v of inputs) if (nameOf(v)) say(v, 0, first);
  return first;
};

/** Operators that do more than to pass channels on. */
const rules: Readonly<Record<string, Rule>> = {
  Conv: ({ inputs: [x, w, b], attrs }, { of, say, newGroup }) => {
    const depthwise = (attrs.group as number) > 1;
    const made = depthwise ? of(x!) : newGroup(w!.shape[0] as number, w!, 0);
    say(w, 0, made);
    if (!depthwise) say(w, 1, of(x!));
    say(b, 0, made);
    return made;
  },
  MatMul: ({ inputs: [x, w] }, { of, say, newGroup, nameOf }) => {
    if (!nameOf(w)) return undefined;
    const made = newGroup(w!.shape[1] as number, w!, 1);
    say(w, 0, of(x!));
    say(w, 1, made);
    return made;
  },
  Reshape: ({ inputs: [x], outputs: [y] }, { of }) => {
    const before = of(x!);
    return (
      before && {
        group: before.group,
        each: before.each * (product(sizes(x!.shape)) / (x!.shape[1] as number)) * (y!.rank === 2 ? 1 : 0),
      }
    );
  },
};

/**
 * Finds by the graph which channels of which layers belong together.
 * @throws ModelError `bad-option` for a model whose channels cannot be followed: one that attends, or counts words.
 */
export function channelsOf(model: Model, shape: ModelShape): Channels {
  const { graph, x, params, buffers, logits } = outlined(model, shape);
  const names = new Map([...params, ...buffers.map((b) => ({ name: b.name, value: b.before }))].map((p) => [p.value, p.name]));
  const ranks = new Map([...params, ...buffers].map((p) => [p.name, p.shape.length]));
  const groups: { parent: number; units: number; makers: { name: string; axis: number }[] }[] = [];
  const root = (g: number): number => (groups[g]!.parent === g ? g : root(groups[g]!.parent));
  const open = (units: number): OpenAxis => ({ group: groups.push({ parent: groups.length, units, makers: [] }) - 1, each: 1 });
  const unknown = new Set<string>();
  const said = new Map<string, (OpenAxis | null)[]>();
  const known = new Map<Value, OpenAxis>([[x, open(shape.input[0]!)]]);
  const inputGroup = known.get(x)!.group;
  const tracing: Tracing = {
    nameOf: (v) => v && names.get(v),
    of: (v) => known.get(v),
    say(v, axis, counts) {
      const name = v && names.get(v);
      if (!name) return;
      if (!counts) return void unknown.add(name);
      const list = said.get(name) ?? Array<null>(ranks.get(name)!).fill(null);
      list[axis] = counts;
      said.set(name, list);
    },
    newGroup(units, maker, axis) {
      const made = open(units);
      groups[made.group]!.makers.push({ name: names.get(maker)!, axis });
      return made;
    },
    together(a, b) {
      const [to, from] = [root(a.group), root(b.group)];
      if (to === from) return;
      groups[from]!.parent = to;
      groups[to]!.makers.push(...groups[from]!.makers);
    },
  };
  for (const node of graph.nodes) {
    const counts = (rules[node.op.onnx] ?? passOn)(node, tracing);
    if (counts && counts.each > 0) known.set(node.outputs[0]!, counts);
  }
  const lost = [...params].find(({ name }) => unknown.has(name) || !said.has(name));
  const last = known.get(logits);
  if (lost || !last) {
    throw new ModelError(
      'bad-option',
      `${model.name}: which channels ${lost ? `'${lost.name}'` : 'the answer'} is made of could not be followed; expected convolutions, linear layers, normalisation and sums (lenet5, cnn, resnet, mobilenet, mlp)`,
    );
  }
  const made = new Map<number, ChannelGroup>();
  const groupOf = (g: number): ChannelGroup => {
    const r = root(g);
    const found = made.get(r) ?? { units: groups[r]!.units, fixed: r === root(inputGroup) || r === root(last.group) };
    made.set(r, found);
    return found;
  };
  const axes = new Map(
    [...said].map(([name, list]) => [name, list.map((axis) => axis && { group: groupOf(axis.group), each: axis.each })]),
  );
  return { axes, makers: new Map([...made].map(([r, group]) => [group, groups[r]!.makers])) };
}
