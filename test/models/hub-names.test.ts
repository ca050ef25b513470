import { expect, test } from 'vitest';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { bert } from '../../src/models/architectures/bert.ts';
import { initialise } from '../../src/models/build.ts';
import { fromHubNames } from '../../src/models/text/hub-names.ts';
import { numbers } from '../support/ort.ts';

const shape = { input: [2, 7], outputs: 3, vocabulary: 11 };
const zeros = (...sizes: number[]): Tensor => tensor('float32', sizes, Array(sizes.reduce((a, b) => a * b)).fill(0));
const pair = (name: string, from: number, to: number): [string, Tensor][] => [
  [`${name}.weight`, zeros(to, from)],
  [`${name}.bias`, zeros(to)],
];
const norm = (name: string, width: number, [scale, shift] = ['weight', 'bias']): [string, Tensor][] => [
  [`${name}.${scale}`, zeros(width)],
  [`${name}.${shift}`, zeros(width)],
];
const shapes = (weights: ReadonlyMap<string, Tensor>) =>
  Object.fromEntries([...weights].map(([name, t]) => [name, t.shape]).sort()); // biome-ignore format: one call
const ours = (options: object) => {
  const parsed = bert.options.parse({ kind: 'bert', layers: 2, width: 4, heads: 2, inner: 6, ...options });
  return initialise(bert.create(parsed, shape), shape, () => ({ uniform: () => 0, normal: () => 0 }));
};

test('a checkpoint of BERT has a place for everything here', () => {
  const layers = [0, 1].flatMap((i) => {
    const at = `bert.encoder.layer.${i}`;
    return [
      ...['query', 'key', 'value'].flatMap((part) => pair(`${at}.attention.self.${part}`, 4, 4)),
      ...pair(`${at}.attention.output.dense`, 4, 4),
      ...norm(`${at}.attention.output.LayerNorm`, 4, ['gamma', 'beta']),
      ...pair(`${at}.intermediate.dense`, 4, 6),
      ...pair(`${at}.output.dense`, 6, 4),
      ...norm(`${at}.output.LayerNorm`, 4),
    ];
  });
  const theirs = new Map<string, Tensor>([
    ['bert.embeddings.position_ids', zeros(1, 7)],
    ['bert.embeddings.word_embeddings.weight', zeros(11, 4)],
    ['bert.embeddings.position_embeddings.weight', zeros(7, 4)],
    ['bert.embeddings.token_type_embeddings.weight', zeros(2, 4)],
    ...norm('bert.embeddings.LayerNorm', 4),
    ...layers,
    ...pair('bert.pooler.dense', 4, 4),
    ...pair('classifier', 4, 3),
  ]);
  expect(shapes(fromHubNames(theirs))).toEqual(shapes(ours({})));
  const predicting = new Map<string, Tensor>([
    ...pair('cls.predictions.transform.dense', 4, 4),
    ...norm('cls.predictions.transform.LayerNorm', 4),
    ['cls.predictions.bias', zeros(11)],
    ['cls.predictions.decoder.weight', zeros(11, 4)],
  ]);
  expect([...fromHubNames(predicting).keys()]).toEqual([
    'mlm.transform.weight',
    'mlm.transform.bias',
    'mlm.norm.weight',
    'mlm.norm.bias',
    'mlm.bias',
  ]);
});

test('so has one of DistilBERT, but for its head', () => {
  const layers = [0, 1].flatMap((i) => {
    const at = `distilbert.transformer.layer.${i}`;
    return [
      ...['q_lin', 'k_lin', 'v_lin', 'out_lin'].flatMap((part) => pair(`${at}.attention.${part}`, 4, 4)),
      ...norm(`${at}.sa_layer_norm`, 4),
      ...pair(`${at}.ffn.lin1`, 4, 6),
      ...pair(`${at}.ffn.lin2`, 6, 4),
      ...norm(`${at}.output_layer_norm`, 4),
    ];
  });
  const theirs = new Map<string, Tensor>([
    ['distilbert.embeddings.word_embeddings.weight', zeros(11, 4)],
    ['distilbert.embeddings.position_embeddings.weight', zeros(7, 4)],
    ...norm('distilbert.embeddings.LayerNorm', 4),
    ...layers,
    ...pair('classifier', 4, 3),
  ]);
  expect(shapes(fromHubNames(theirs))).toEqual(shapes(ours({ types: 0, pooling: 'first' })));
});

test('matrices of dense layers are turned over, tables are not', () => {
  const t = tensor('float32', [2, 3], [1, 2, 3, 4, 5, 6]);
  const found = fromHubNames(new Map([['classifier.weight', t], ['embeddings.word_embeddings.weight', t]])); // biome-ignore format: one call
  expect(found.get('classifier.weight')!.shape).toEqual([3, 2]);
  expect(numbers(found.get('classifier.weight')!)).toEqual([1, 4, 2, 5, 3, 6]);
  expect(found.get('embeddings.word.weight')).toBe(t);
});
