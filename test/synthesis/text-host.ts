import type { ExampleType, TextType } from '../../src/data/dataset.ts';
import { random } from '../../src/data/random.ts';
import { Graph } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import type { Host } from '../../src/synthesis/host.ts';

/** Ids 0 … 4 are special; whole words, parts of words and signs follow. */
export const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '!', '##ing', 'good', 'bad', 'a', 'film', '##s', 'plot', '7'];

export const text: TextType = {
  vocabulary: words.length,
  special: { pad: 0, unknown: 1, first: 2, separator: 3, mask: 4 },
  files: {
    'tokenizer.json': JSON.stringify({ model: { type: 'WordPiece', vocab: Object.fromEntries(words.map((w, i) => [w, i])) } }),
  },
};

export const example = (length: number, of: TextType = text): ExampleType => ({ layout: 'tokens', shape: [2, length], text: of });

/** A host whose parts become inputs of a graph, with what they are fed in the first step. */
export function textHost(batchSize: number, of: ExampleType, seed = 1) {
  const graph = new Graph();
  const feeds: Record<string, Tensor> = {};
  let prefix = '';
  const input = (
    name: string,
    shape: readonly number[],
    fill: (into: Float32Array, draws: ReturnType<typeof random>) => void,
  ) => {
    const data = new Float32Array(sizeOf(shape));
    fill(data, random(seed, prefix + name));
    feeds[prefix + name] = tensor('float32', shape, [...data]);
    return graph.input(prefix + name, { dtype: 'float32', shape });
  };
  const host: Host = {
    graph,
    batchSize,
    example: of,
    outputs: 2,
    spreads: { mean: [], std: [] },
    param: input,
    restarted: input,
    buffer: (name, shape, init) => ({ value: input(name, shape, init), update: () => undefined }),
    perRound: input,
    perStep: input,
    scope(name, build) {
      const before = prefix;
      prefix += `${name}.`;
      try {
        return build();
      } finally {
        prefix = before;
      }
    },
  };
  return { host, feeds, graph };
}
