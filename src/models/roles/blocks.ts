import type { Graph, Value } from '../../graph/graph.ts';
import type { Shape } from '../../graph/type.ts';
import { type Attention, attentionsIn } from './attention.ts';
import { type Block, type Stream, streamOf } from './residual.ts';
import { reachable, type Structure, structureOf, summands } from './structure.ts';

/**
 * The layers of a model as `hidden.i` counts them: those of a transformer, or the residual blocks of a convolutional network, whose
 * ends are sums of two pictures, behind the activation that follows at once.
 */
export const layersIn = (attentions: readonly Attention[], structure: Structure): Stream =>
  attentions.length > 0 ? streamOf(attentions, structure) : { first: undefined, blocks: pictureBlocks(structure) };

function pictureBlocks(structure: Structure): readonly Block[] {
  const { graph, uses } = structure;
  return graph.nodes.flatMap((node): readonly Block[] => {
    const y = node.outputs[0]!;
    const pair = summands(node, structure);
    if (y.rank !== 4 || !pair) return [];
    const [use, ...more] = uses.get(y) ?? [];
    const leaves = use && more.length === 0 && activations.has(use.node.op.onnx) ? use.node.outputs[0]! : y;
    return [{ enters: carriedOn(pair, graph), leaves }];
  });
}

const activations: ReadonlySet<string> = new Set(['Relu', 'LeakyRelu', 'PRelu', 'Clip', 'Elu', 'Selu', 'Gelu', 'HardSwish']);

/** Of two summands the one that the other is made of. */
const carriedOn = ([a, b]: readonly [Value, Value], graph: Graph): Value | undefined =>
  [[a, b] as const, [b, a] as const].find(([x, made]) => x !== made && reachable(graph, [x], () => true).has(made))?.[0];

/** A layer of a file by the names of its tensors. */
export interface NamedBlock {
  /** Undefined where the layer cannot be left out: what enters it is not added to what it makes, but changed. */
  readonly enters: string | undefined;
  readonly leaves: string;
  /** Of what leaves it. */
  readonly shape: Shape;
}

/** The layers `hidden.0`, `hidden.1`, … of a graph; none unless the structure shows all of them. */
export function namedBlocks(graph: Graph): readonly NamedBlock[] {
  const structure = structureOf(graph);
  const attentions = attentionsIn(structure);
  const { blocks } = layersIn(attentions, structure);
  const named = blocks.flatMap(({ enters, leaves }): readonly NamedBlock[] => {
    const name = structure.names.get(leaves);
    return name === undefined ? [] : [{ enters: enters && structure.names.get(enters), leaves: name, shape: leaves.shape }];
  });
  return named.length === Math.max(blocks.length, attentions.length) ? named : [];
}
