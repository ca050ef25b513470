import type { AttrValue, Graph, Node, Value } from '../graph/graph.ts';
import type { Tensor } from '../graph/type.ts';
import { keep, rebuild } from './copy.ts';

/** Constants up to this many elements are compared by what they hold. */
const smallElements = 64;

/** Merges nodes of the same operator, inputs and attributes: random numbers are inputs, so nothing differs from one node to the next. */
export function shareEqual(graph: Graph): Graph {
  const made = new Map<string, ReturnType<typeof keep>>();
  const constants = new Map<string, number>();
  const operators = new Map<Node['op'], number>();
  const numbered = <K>(known: Map<K, number>, key: K): number => {
    const id = known.get(key) ?? known.size;
    known.set(key, id);
    return id;
  };
  const name = (v: Value | undefined): string => {
    if (!v) return '-';
    if (v.origin.kind !== 'constant' || v.origin.tensor.data.length > smallElements) return `${v.id}`;
    return `c${numbered(constants, contents(v.origin.tensor))}`;
  };
  return rebuild(graph, (node, inputs, into) => {
    if (!Object.values(node.attrs).every(isPlain)) return keep(node, inputs, into);
    const attrs = Object.entries(node.attrs).map(([key, value]) => `${key}=${String(value)}`);
    const key = [numbered(operators, node.op), ...inputs.map(name), ...attrs].join(' ');
    const known = made.get(key) ?? keep(node, inputs, into);
    made.set(key, known);
    return known;
  });
}

/** Tensors and graphs are not compared. */
const isPlain = (value: AttrValue): boolean => typeof value !== 'object' || Array.isArray(value);

const contents = ({ dtype, shape, data }: Tensor): string =>
  `${dtype} ${shape.join(',')} ${Array.from(data as Iterable<unknown>, (x) => (Object.is(x, -0) ? '-0' : String(x))).join(',')}`;
