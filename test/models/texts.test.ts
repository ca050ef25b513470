import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { neededNodes } from '../../src/graph/needed.ts';
import { type Dim, sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { architectureSchema, createModel } from '../../src/models/architectures/list.ts';
import { type Built, buildModel, initialise } from '../../src/models/build.ts';
import { noiseArrays, openContext } from '../../src/models/context.ts';
import type { Model, ModelShape } from '../../src/models/define.ts';
import { maskedLanguageHead, tokenHead } from '../../src/models/text/heads.ts';
import { mul } from '../../src/ops/elementwise.ts';
import { sum } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { cotangent, expectClose, expectSummaries, golden, type Options, type TextCase, texts, weight } from './texts.ts';

const { vocabulary, lengths, longest } = golden;
const shapeOf = (outputs: number): ModelShape => ({ input: [2, longest], outputs, vocabulary });
const still = { dropout: 0, attentionDropout: 0 };
const model = (options: Options, outputs = 3): Model => {
  const quiet = options.kind === 'bert' ? { ...options, ...still } : { ...options, dropout: 0 };
  return createModel(architectureSchema.parse(quiet), shapeOf(outputs));
};

function build(made: Model, shape: readonly Dim[], training = true): { graph: Graph; built: Built } {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape });
  return { graph, built: buildModel(made, graph, x, { training, source: 'inputs' }) };
}
const weights = (names: readonly { readonly name: string; readonly shape: readonly number[] }[]): Record<string, Tensor> =>
  Object.fromEntries(names.map(({ name, shape }, k) => [name, weight(k, name, shape)]));

/** Results, and gradients of all parameters. */
async function run(result: Value, params: Built['params'], feeds: Record<string, Tensor>, also: Record<string, Value> = {}) {
  const loss = sum(mul(result, result.graph.input('cotangent', result.type)));
  const slopes = grad(loss, params.map(({ value }) => value)); // biome-ignore format: one call
  return evaluate(
    { result, ...also, ...Object.fromEntries(params.map(({ name }, i) => [`d ${name}`, slopes[i]!])) },
    { ...feeds, cotangent: cotangent(result.shape as number[]) },
  );
}

describe('networks for texts against PyTorch', () => {
  test.each(golden.cases.map((c) => [JSON.stringify(c.options), c] as const))('%s', async (_, expected: TextCase) => {
    const { built } = build(model(expected.options, expected.outputs), [lengths.length, 2, longest]);
    expect(built.params.map(({ name }) => name)).toEqual(expected.parameters);
    const feeds = { ...weights(built.params), x: texts(lengths, longest, vocabulary) };
    const found = await run(built.logits, built.params, feeds, Object.fromEntries(built.taps));
    expectClose(numbers(found.result!), expected.result, 'result');
    expectSummaries((name) => numbers(found[`d ${name}`]!), expected.gradients);
    for (const [i, wanted] of expected.hidden.entries()) {
      const h = found[`hidden.${i}`]!;
      const width = h.shape[2]!;
      const mask = (k: number): boolean => Math.floor(k / width) % longest < lengths[Math.floor(k / (width * longest))]!;
      expectClose(numbers(h).map((v, k) => (mask(k) ? v : 0)), wanted, `hidden.${i}`); // biome-ignore format: one call
    }
  });

  test('masked language modelling with tied embeddings', async () => {
    const expected = golden.masked;
    const { graph, built } = build(model(expected.options, expected.outputs), [lengths.length, 2, longest]);
    const { ctx, collected } = openContext(graph, 'float32', { training: true, source: 'inputs' });
    const positions = graph.input('positions', { dtype: 'int64', shape: [lengths.length, 3] });
    const words = built.params.find(({ name }) => name === 'embeddings.word.weight')!;
    const scores = maskedLanguageHead(ctx, built.taps.get('hidden.0')!, positions, words.value);
    expect(scores.shape).toEqual([lengths.length, 3, vocabulary]);
    const params = [...built.params, ...collected().params];
    const named = new Map(params.map((p) => [p.name, p]));
    const inOrder = expected.parameters.map((name) => named.get(name)!);
    expect(new Set(named.keys())).toEqual(new Set(expected.parameters));
    const feeds = { ...weights(inOrder), x: texts(lengths, longest, vocabulary) };
    const places = tensor('int64', [lengths.length, 3], expected.places.flat());
    const found = await run(scores, inOrder, { ...feeds, positions: places });
    expectClose(numbers(found.result!), expected.result, 'scores');
    expectSummaries((name) => numbers(found[`d ${name}`]!), expected.gradients);
  });
});

const kinds: readonly Options[] = [
  { kind: 'bert', layers: 2, width: 8, heads: 2 },
  { kind: 'bert', layers: 1, width: 8, heads: 2, headWidth: 3, pooling: 'first', types: 0 },
  { kind: 'bert', layers: 2, width: 8, heads: 4, pooling: 'mean', head: 'embedding' },
  { kind: 'text-cnn', width: 6, windows: [1, 3], filters: 4, activation: 'gelu' },
  { kind: 'bag', width: 6, hidden: [5] },
  { kind: 'bag', width: 6, head: 'embedding' },
];

describe.each(kinds.map((options) => [JSON.stringify(options), options] as const))('%s', (_, options) => {
  const made = model(options);
  const drawn = Object.fromEntries(initialise(made, shapeOf(3), (name) => random(8, name)));

  test('padding changes nothing, and gets no gradient', async () => {
    const gradients = async (length: number) => {
      const { built } = build(made, [lengths.length, 2, length]);
      return run(built.logits, built.params, { ...drawn, x: texts([4, 2, 3], length, vocabulary) });
    };
    const [padded, short] = [await gradients(longest), await gradients(4)];
    for (const name of Object.keys(short)) expectClose(numbers(padded[name]!), numbers(short[name]!), name, 1e-5);
    const word = padded['d embeddings.word.weight'] ?? padded['d word.weight'];
    const used = new Set(numbers(texts([4, 2, 3], 4, vocabulary)).filter((_, i) => i % 8 < 4));
    const width = word!.shape[1]!;
    const alone = numbers(word!).filter((_, i) => !used.has(Math.floor(i / width)) || (i < width && !used.has(0)));
    expect(alone.every((v) => v === 0)).toBe(true);
  });

  test('open sizes give what known sizes give, and rows of a batch do not meet', async () => {
    const x = texts([4, 9, 1], longest, vocabulary);
    const { built } = build(made, ['N', 2, 'L'], false);
    expect(built.logits.shape).toEqual(['N', 3]);
    const all = await evaluate({ y: built.logits }, { ...drawn, x });
    const fixed = build(made, [3, 2, longest], false).built;
    const same = await evaluate({ y: fixed.logits }, { ...drawn, x });
    expectClose(numbers(all.y!), numbers(same.y!), 'open sizes', 1e-5);
    const row = tensor('float32', [1, 2, longest], numbers(x).slice(2 * longest, 4 * longest));
    const one = await evaluate({ y: built.logits }, { ...drawn, x: row });
    expectClose(numbers(one.y!), numbers(all.y!).slice(3, 6), 'one row', 1e-5);
  });
});

describe('bert', () => {
  const made = model({ kind: 'bert', layers: 2, width: 8, heads: 2, inner: 12 });

  test('says what it can be tapped at', () => {
    const { built } = build(made, [3, 2, longest]);
    const shapes = Object.fromEntries([...built.taps].map(([role, v]) => [role, v.shape]));
    const each = (i: number) => ({
      [`hidden.${i}`]: [3, longest, 8],
      [`attention.${i}`]: [3, 2, longest, longest],
      [`heads.${i}`]: [3, longest, 8],
      [`inner.${i}`]: [3, longest, 12],
      ...Object.fromEntries(['query', 'key', 'value'].map((part) => [`${part}.${i}`, [3, 2, longest, 4]])),
    });
    expect(shapes).toEqual({
      mask: [3, longest],
      logits: [3, 3],
      embedding: [3, 8],
      tokens: [3, longest, 8],
      ...each(0),
      ...each(1),
    });
  });

  test('scores are scaled, and far down for padding', async () => {
    const { built } = build(made, [2, 2, longest], false);
    const drawn = Object.fromEntries(initialise(made, shapeOf(3), (name) => random(8, name)));
    const taps = Object.fromEntries(['attention.1', 'query.1', 'key.1'].map((role) => [role, built.taps.get(role)!]));
    const found = await evaluate(taps, { ...drawn, x: texts([9, 3], longest, vocabulary) });
    const vector = (role: string, n: number, h: number, i: number): number[] => {
      const from = ((n * 2 + h) * longest + i) * 4;
      return numbers(found[role]!).slice(from, from + 4);
    };
    const wanted = [0, 1].flatMap((n) =>
      [0, 1].flatMap((h) =>
        Array.from({ length: longest * longest }, (_, at) => {
          const [i, j] = [Math.floor(at / longest), at % longest];
          const k = vector('key.1', n, h, j);
          const product = vector('query.1', n, h, i).reduce((s, v, d) => s + v * k[d]!, 0);
          return product / 2 - (n === 1 && j >= 3 ? 10_000 : 0);
        }),
      ),
    );
    expect(Math.max(...numbers(found['attention.1']!).map((v, i) => Math.abs(v - wanted[i]!)))).toBeLessThan(1e-3);
  });

  test('what is pooled is the first token of the last layer, dropout included', async () => {
    const options: Options = {
      kind: 'bert',
      layers: 2,
      width: 8,
      heads: 2,
      pooling: 'first',
      dropout: 0.4,
      attentionDropout: 0.3,
    };
    const noisy = createModel(architectureSchema.parse(options), shapeOf(3));
    const { built } = build(noisy, [3, 2, longest]);
    const drawn = Object.fromEntries(initialise(noisy, shapeOf(3), (name) => random(8, name)));
    const noise = (seed: number) =>
      Object.fromEntries(
        built.noise.map(({ name, shape, dtype, fill }) => {
          const data = new noiseArrays[dtype](sizeOf(shape));
          fill(data, random(seed, name));
          return [name, { dtype, shape: shape as number[], data } satisfies Tensor];
        }),
      );
    const at = async (seed: number) => {
      const feeds = { ...drawn, ...noise(seed), x: texts(lengths, longest, vocabulary) };
      const found = await evaluate({ all: built.taps.get('hidden.1')!, pooled: built.taps.get('embedding')! }, feeds);
      return { pooled: numbers(found.pooled!), first: numbers(found.all!).filter((_, k) => k % (longest * 8) < 8) };
    };
    const [one, again, other] = [await at(1), await at(1), await at(2)];
    expectClose(one.pooled, one.first, 'the first token', 1e-5);
    expect(again).toEqual(one);
    expect(other.pooled).not.toEqual(one.pooled);
    expect(build(noisy, [3, 2, longest], false).built.noise).toEqual([]);
  });

  test('leaves out attention probabilities by chance, in every layer', () => {
    const options: Options = { kind: 'bert', layers: 2, width: 8, heads: 2, dropout: 0, attentionDropout: 0.3 };
    const noisy = createModel(architectureSchema.parse(options), shapeOf(3));
    const { graph, built } = build(noisy, [3, 2, longest]);
    expect(built.noise.map(({ name, shape }) => [name, shape])).toEqual(
      [0, 1].map((i) => [`layers.${i}.attention.probabilities.drop`, [3, 2, longest, longest]]),
    );
    graph.output('logits', built.logits);
    const read = new Set(neededNodes(graph).flatMap(({ inputs }) => inputs));
    expect(built.noise.filter(({ value }) => !read.has(value))).toEqual([]);
  });

  test('classes of tokens are one score per class and place', () => {
    const { graph, built } = build(made, ['N', 2, 'L'], false);
    const { ctx } = openContext(graph, 'float32', { training: false, source: 'inputs', prefix: 'head.' });
    expect(tokenHead(ctx, built.taps.get('hidden.1')!, 5).shape).toEqual(['N', 'L', 5]);
  });

  test('what does not fit is said in sizes', () => {
    expect(() => model({ kind: 'bert', width: 10, heads: 4 })).toThrow(
      'bert: width 10 does not divide into 4 heads; choose a multiple, or give headWidth',
    );
    expect(() => model({ kind: 'bert', positions: 4 })).toThrow('bert: positions 4, but texts have up to 9 tokens');
    const pictures = { input: [1, 8, 8], outputs: 2 };
    for (const kind of ['bert', 'text-cnn', 'bag'] as const) {
      expect(() => createModel(architectureSchema.parse({ kind }), pictures)).toThrow(
        `${kind}: one example is [1,8,8]; expected tokens [2,length] of a known vocabulary`,
      );
    }
  });
});
