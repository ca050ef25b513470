import { type Graph, nodeOf, type Value } from '../../graph/graph.ts';
import type { Shape } from '../../graph/type.ts';
import { max } from '../../ops/elementwise.ts';
import { swapLast } from '../../ops/shape.ts';
import { attentionsIn } from './attention.ts';
import { layersIn } from './blocks.ts';
import { backThrough, type Structure, structureOf } from './structure.ts';

/** Where in a model a role is played. */
export interface Role {
  /** The tensor of the file. */
  readonly tensor: string;
  /** In the graph that was looked at, the batch first. */
  readonly shape: Shape;
  /** Shape of what a method gets to see of a tensor of a shape. */
  seen(tensor: Shape): Shape;
  /** What a method gets to see of the tensor, in any graph. */
  of(tensor: Value): Value;
}

/** Scores of what is masked: files add as little as −3·10³⁸, of which no difference can be squared. */
const masked = -10_000;

/** Ways to look at a tensor. */
const as = {
  itself: { seen: (s: Shape) => s, of: (v: Value) => v },
  /** Attention scores with masked ones at −10000, as Potstill's own models have them. */
  scores: { seen: (s: Shape) => s, of: (v: Value) => max(v, masked) },
  /** Keys [N, H, d, L] as [N, H, L, d]. */
  keys: { seen: (s: Shape): Shape => [...s.slice(0, -2), s.at(-1)!, s.at(-2)!], of: swapLast },
} as const;

/**
 * Recognises roles in a graph by its structure: `embedding` (what the last layer reads), and of transformers `tokens`, `hidden.i`,
 * `attention.i`, `query.i`, `key.i`, `value.i`; of convolutional networks with residual blocks `hidden.i`. What is not found is not
 * there; `logits` always is.
 *
 * @param graph With known sizes.
 * @param logits Name of the tensor with the logits.
 */
export function findRoles(graph: Graph, logits: string): ReadonlyMap<string, Role> {
  const structure = structureOf(graph);
  const attentions = attentionsIn(structure);
  const { first, blocks } = layersIn(attentions, structure);
  const reads = lastReads(graph.names.get(logits), structure);
  const heads = attentions.every((a) => a.scores.rank === 4) ? attentions : [];
  const found: readonly (readonly [string, Value | undefined, keyof typeof as])[] = [
    ['logits', graph.names.get(logits), 'itself'],
    ['embedding', reads, 'itself'],
    ['tokens', first, 'itself'],
    ...blocks.map(({ leaves }, i) => [`hidden.${i}`, leaves, 'itself'] as const),
    ...heads.flatMap((a, i) => [
      [`attention.${i}`, a.scores, 'scores'] as const,
      [`query.${i}`, a.query, 'itself'] as const,
      [`key.${i}`, a.keys, 'keys'] as const,
      [`value.${i}`, a.value, 'itself'] as const,
    ]),
  ];
  return new Map(
    found.flatMap(([role, v, way]): readonly [string, Role][] => {
      const tensor = v && structure.names.get(v);
      return tensor === undefined ? [] : [[role, { tensor, shape: as[way].seen(v!.shape), ...as[way] }]];
    }),
  );
}

/** What a file may do with the result of its last layer. */
const behindHead: ReadonlySet<string> = new Set([
  'Add',
  'Mul',
  'Div',
  'Sub',
  'Reshape',
  'Identity',
  'Cast',
  'Softmax',
  'LogSoftmax',
]);

/** What the last layer before the logits reads: the vector of an example, or of each of its tokens. */
function lastReads(logits: Value | undefined, structure: Structure): Value | undefined {
  if (!logits) return undefined;
  const layer = nodeOf(backThrough(logits, behindHead, structure));
  const [x, w] = layer?.inputs ?? [];
  if (!layer || !x || !w || !heads.has(layer.op.onnx) || !structure.fed.has(x) || structure.fed.has(w)) return undefined;
  const rows = nodeOf(x);
  const whole = rows?.op.onnx === 'Reshape' ? rows.inputs[0]! : x;
  // Rows of tokens are put back into their examples; a picture that is made a row stays one.
  return whole.shape[0] === x.shape[0] ? x : whole;
}
const heads: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);
