import type { Value } from '../graph/graph.ts';
import { showShape, tensor } from '../graph/type.ts';
import { filled, type Import, type NodeReader, Unreadable } from './define.ts';
import { above, add, cast, less, mul, sub } from './elementwise.ts';
import { gather } from './gather.ts';
import { matmul } from './linalg.ts';
import { slice } from './movement.ts';
import { LayerNormalization } from './norm.ts';
import { reduceSum } from './reduce.ts';
import { reshape, transpose, unsqueeze } from './shape.ts';
import { softmax } from './softmax.ts';

const microsoft = 'com.microsoft';

const sizeAt = (x: Value, axis: number, what: string): number => {
  const d = x.shape[axis];
  if (typeof d !== 'number') throw new Unreadable(`the ${what} '${d}' is not known`);
  return d;
};

/** 0, 1, … n − 1. */
const counting = (like: Value, n: number): Value =>
  like.graph.constant(
    tensor(
      'float32',
      [n],
      Array.from({ length: n }, (_, i) => i),
    ),
  );

/** [N, L, H·d] as [N, H, L, d]. */
function heads(x: Value, count: number): Value {
  const width = sizeAt(x, 2, 'width');
  return transpose(reshape(x, [x.shape[0]!, x.shape[1]!, count, width / count]), [0, 2, 1, 3]);
}

/** What is kept of the keys, 1 or 0, to be broadcast over [N, H, L, S]: from lengths [N], masks [N, S] or masks [N, L, S]. */
function keptKeys(mask: Value, q: Value, k: Value): Value {
  const numbers = cast(mask, 'float32');
  const ranks: Readonly<Record<number, () => Value>> = {
    1: () => {
      const keys = sizeAt(k, 2, 'length');
      const lengths = reshape(numbers, [mask.shape[0]!, 1, 1, 1]);
      return cast(less(counting(mask, keys), lengths), 'float32');
    },
    2: () => unsqueeze(above(numbers), [1, 2]),
    3: () => unsqueeze(above(numbers), [1]),
  };
  const kept = mask.shape[0] === q.shape[0] ? ranks[mask.rank] : undefined;
  if (!kept) throw new Unreadable(`its mask is ${showShape(mask.shape)}`);
  return kept();
}

interface Parts {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
  readonly mask: Value | undefined;
  readonly bias: Value | undefined;
}

/** Attention over [N, L, D] written out; masked scores get the file's own low number added. */
function attention(r: NodeReader, { query, key, value, mask, bias }: Parts): Value {
  const count = r.int('num_heads');
  const [q, k, v] = [heads(query, count), heads(key, count), heads(value, count)];
  const given = r.float('scale', 0);
  const scale = given === 0 ? 1 / Math.sqrt(sizeAt(q, 3, 'width of a head')) : given;
  const low = r.float('mask_filter_value', -10_000);
  const scaled = mul(matmul(q, transpose(k, [0, 1, 3, 2])), scale);
  const biased = bias ? add(scaled, bias) : scaled;
  const hiding = (kept: Value): Value => mul(sub(1, kept), low);
  const masked = mask ? add(biased, hiding(keptKeys(mask, q, k))) : biased;
  const causal = r.int('unidirectional', 0) === 1 ? add(masked, hiding(lowerTriangle(q, k))) : masked;
  const context = transpose(matmul(softmax(causal, 3), v), [0, 2, 1, 3]);
  return reshape(context, [query.shape[0]!, query.shape[1]!, value.shape[2]!]);
}

function lowerTriangle(q: Value, k: Value): Value {
  const [rows, columns] = [sizeAt(q, 2, 'length'), sizeAt(k, 2, 'length')];
  const kept = Array.from({ length: rows * columns }, (_, i) => Number(i % columns <= Math.floor(i / columns) + columns - rows));
  return q.graph.constant(tensor('float32', [rows, columns], kept));
}

/** Queries, keys and values from one product: [N, L, D] · [D, 3·D]. */
const readAttention = (r: NodeReader): Value => {
  if (r.inputs[4] || r.outputs > 1) throw new Unreadable('it keeps keys and values of the past');
  if (r.int('do_rotary', 0) === 1) throw new Unreadable('it rotates its queries and keys');
  const product = matmul(r.input(0), r.input(1));
  const all = r.inputs[2] ? add(product, r.inputs[2]) : product;
  const width = sizeAt(all, 2, 'width');
  const sizes = r.ints('qkv_hidden_sizes', [width / 3, width / 3, width / 3]);
  const from = (part: number): number => sizes.slice(0, part).reduce((a, b) => a + b, 0);
  const [query, key, value] = [0, 1, 2].map((part) => slice(all, [from(part)], [from(part + 1)], [2])) as [Value, Value, Value];
  return attention(r, { query, key, value, mask: r.inputs[3], bias: r.inputs[5] });
};

/** Queries, keys and values [N, L, D] that are ready, but for a bias. */
const readMultiHead = (r: NodeReader): Value => {
  const extra = [6, 7, 8, 9].some((at) => r.inputs[at]);
  if (extra || r.outputs > 1) throw new Unreadable('it keeps keys and values of the past');
  const inputs = [0, 1, 2].map((at) => r.input(at)) as [Value, Value, Value];
  if (inputs.some((x) => x.rank !== 3)) throw new Unreadable('its queries, keys and values are packed into one');
  const bias = r.inputs[3];
  let at = 0;
  const [query, key, value] = inputs.map((x) => {
    const from = at;
    at += sizeAt(x, 2, 'width');
    return bias ? add(x, slice(bias, [from], [at], [0])) : x;
  }) as [Value, Value, Value];
  return attention(r, { query, key, value, mask: r.inputs[4], bias: r.inputs[5] });
};

/** Words, positions and kinds of text looked up, added and normalised; also how long each text is, and the sum. */
const readEmbedding = (r: NodeReader): readonly Value[] => {
  const ids = r.input(0);
  const length = sizeAt(ids, 1, 'length');
  const [words, places] = [gather(r.input(2), ids), r.input(3)];
  const at = r.inputs[8];
  const positions = at ? gather(places, at) : unsqueeze(slice(places, [0], [length], [0]), [0]);
  const kinds = r.inputs[1] && r.inputs[4] && gather(r.inputs[4], r.inputs[1]);
  const placed = add(words, positions);
  const total = kinds ? add(placed, kinds) : placed;
  const [y] = LayerNormalization.all([total, r.input(5), r.input(6)], { axis: 2, epsilon: r.float('epsilon', 1e-12) });
  const mask = r.inputs[7];
  const lengths = mask
    ? cast(reduceSum(cast(mask, 'float32'), [1], false), 'int32')
    : filled(r.graph, { dtype: 'int32', shape: [ids.shape[0]!] }, 0);
  return [y!, lengths, total];
};

export const fusedAttentionImports: readonly Import[] = [
  { onnx: 'Attention', domain: microsoft, read: readAttention },
  { onnx: 'MultiHeadAttention', domain: microsoft, read: readMultiHead },
  { onnx: 'EmbedLayerNormalization', domain: microsoft, read: readEmbedding },
];
