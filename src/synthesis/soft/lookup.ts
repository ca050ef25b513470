import { constantOf, Graph, type Node, type Value } from '../../graph/graph.ts';
import { isFloat, type Shape, sizeOf, type Tensor, tensor } from '../../graph/type.ts';
import { copyGraph } from '../../models/copy-graph.ts';
import { cast } from '../../ops/elementwise.ts';
import { gather } from '../../ops/gather.ts';
import { matmul } from '../../ops/linalg.ts';
import { concat } from '../../ops/movement.ts';
import { expand, reshape } from '../../ops/shape.ts';
import { SynthesisError } from '../error.ts';
import type { Batch } from '../inputs/define.ts';
import type { SoftTokens } from './define.ts';
import { idsIn } from './ids.ts';

/** Values of a model by the names that its user knows. */
type Named = ReadonlyMap<string, Value>;

/** Appends a model to a graph, on a view of examples, with tensors that it is given by name: `logits` and whatever was tapped. */
type Append = (graph: Graph, view: Value, tensors: Named) => Named | Promise<Named>;

/**
 * What a model makes of a batch, differentiable by whatever the batch comes of. On soft texts every table that it looks ids up in is
 * multiplied by the shares of the tokens instead; masks and positions are those of the most likely ids.
 *
 * @param who In messages: `teacher`, `student`.
 * @param append Builds the model; for soft texts into a graph of its own, which is then copied.
 * @param tensors What the model needs of the batch's graph, such as the parameters of a student.
 * @throws SynthesisError where nothing looks the ids of soft texts up, or a table is not of floats.
 */
export async function judged(
  { seen, soft }: Pick<Batch, 'seen' | 'soft'>,
  who: string,
  append: Append,
  tensors: Named = new Map(),
): Promise<Named> {
  if (!soft) return append(seen.graph, seen, tensors);
  const own = new Graph();
  const view = own.input('view', seen.type);
  const inner = new Map([...tensors].map(([name, v]) => [name, own.input(`tensor.${name}`, v.type)]));
  const values = await append(own, view, inner);
  own.names.clear();
  for (const [name, v] of values) own.names.set(name, v);
  const lookups = lookupsOf(own, view);
  const odd = [...lookups].find((node) => !isFloat(node.outputs[0]!.dtype));
  if (lookups.size === 0 || odd) {
    const found = odd ? `a table of ${odd.outputs[0]!.dtype}` : 'no table that the ids of tokens are looked up in';
    throw new SynthesisError(
      `${who}: found ${found}; expected one of floats, so that tokens can be distributions; take texts sampled from a generative model instead`,
    );
  }
  const inputs = Object.fromEntries([...tensors].map(([name, v]) => [`tensor.${name}`, v]));
  const copied = copyGraph(
    own,
    seen.graph,
    { ...inputs, view: seen },
    {
      instead: (node, [table]) => (lookups.has(node) ? [mixed(soft, table!, node.outputs[0]!.shape)] : undefined),
    },
  );
  return new Map(Object.entries(copied));
}

/** Nodes that look up the ids of a view in the first axis of something. */
function lookupsOf(graph: Graph, view: Value): ReadonlySet<Node> {
  const ids = idsIn(graph, view);
  return new Set(graph.nodes.filter(({ op, attrs, inputs: [, at] }) => op.onnx === 'Gather' && attrs.axis === 0 && ids.has(at!)));
}

/** The rows of a table as the tokens of soft texts mix them; `shape` is what looking up ids would give. */
function mixed({ shares, ids, first, last }: SoftTokens, table: Value, shape: Shape): Value {
  const B = shares.shape[0] as number;
  const width = sizeOf(table.shape.slice(1));
  const rows = (places: readonly number[]): Value => reshape(rowsOf(table, places), [places.length, width]);
  const edge = (id: number | null): Value[] => (id === null ? [] : [expand(reshape(rows([id]), [1, 1, width]), [B, 1, width])]);
  const parts = [...edge(first), matmul(cast(shares, table.dtype), rows(ids)), ...edge(last)];
  return reshape(parts.length === 1 ? parts[0]! : concat(parts, 1), shape);
}

/** Some rows of a table; of one that is constant they are constants. */
function rowsOf(table: Value, places: readonly number[]): Value {
  const known = constantOf(table);
  if (!known) return gather(table, table.graph.constant(tensor('int64', [places.length], places)));
  const width = sizeOf(known.shape.slice(1));
  const data = new (known.data.constructor as new (length: number) => Float32Array)(places.length * width);
  places.forEach((id, i) => void data.set((known.data as Float32Array).subarray(id * width, (id + 1) * width), i * width));
  return table.graph.constant({ dtype: known.dtype, shape: [places.length, ...known.shape.slice(1)], data } satisfies Tensor);
}
