import { afterAll, describe, expect, it } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { loadModelFile } from '../../src/data/model-file.ts';
import { random } from '../../src/data/random.ts';
import type { Graph, Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { architectureSchema, createModel } from '../../src/models/architectures/list.ts';
import { buildModel, initialise } from '../../src/models/build.ts';
import { importModel } from '../../src/models/import.ts';
import { cast, mul } from '../../src/ops/elementwise.ts';
import { pick } from '../../src/ops/gather.ts';
import { concat } from '../../src/ops/movement.ts';
import { sum } from '../../src/ops/reduce.ts';
import { unsqueeze } from '../../src/ops/shape.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { softTokens } from '../../src/synthesis/inputs/soft-tokens.ts';
import { tokenGenerator } from '../../src/synthesis/inputs/token-generator.ts';
import type { Scene } from '../../src/synthesis/priors/define.ts';
import { peaked } from '../../src/synthesis/priors/peaked.ts';
import { chosenTokens } from '../../src/synthesis/soft/chosen.ts';
import { judged } from '../../src/synthesis/soft/lookup.ts';
import type { SoftBatch } from '../../src/synthesis/soft/tokens.ts';
import { fitTeacher } from '../../src/teachers/onnx.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { example, text, textHost, words } from './text-host.ts';

const runtime = ortNode({ threads: 1 });
afterAll(() => runtime.close());

const length = 6;
const shape = { input: [2, length], outputs: 2, vocabulary: text.vocabulary };
const modelOf = (options: object) => createModel(architectureSchema.parse(options), shape);
const bert = modelOf({ kind: 'bert', layers: 1, width: 8, heads: 2, dropout: 0 });
const models = [bert, modelOf({ kind: 'text-cnn', width: 8, filters: 4 }), modelOf({ kind: 'bag', width: 8 })];

/** Weights far enough from zero that answers differ, by name. */
const weightsOf = (model = bert) =>
  new Map(
    [...initialise(model, shape, (name) => random(3, name))].map(([name, t]) => [
      name,
      tensor(
        'float32',
        t.shape,
        (() => {
          const draws = random(4, name);
          return Array.from(t.data as Float32Array, () => draws.normal() * 0.5);
        })(),
      ),
    ]),
  );
const appended =
  (model = bert, weights = weightsOf(model)) =>
  (graph: Graph, view: Value) =>
    new Map([['logits', buildModel(model, graph, view, { training: false, source: weights }).logits]]);

function built(options: object, batch = 3, seed = 1) {
  const { host, feeds, graph } = textHost(batch, example(length), seed);
  const made = softTokens.build(softTokens.options.parse({ kind: 'soft-tokens', ...options }), host) as SoftBatch;
  return { host, feeds, graph, made, V: made.soft.ids.length };
}

/** Logits with one far above the others at each place, and the ids that they say. */
function sure(B: number, ids: readonly number[]): { readonly logits: Tensor; readonly rows: number[][] } {
  const draws = random(9, 'sure');
  const rows = Array.from({ length: B }, () => Array.from({ length: length - 2 }, () => draws.integer(ids.length)));
  const data = rows.flatMap((row) => row.flatMap((at) => ids.map((_, v) => (v === at ? 1e4 : 0))));
  return { logits: tensor('float32', [B, length - 2, ids.length], data), rows: rows.map((row) => row.map((at) => ids[at]!)) };
}

describe('soft tokens', () => {
  it.each(models.map((m) => [m.name, m] as const))('of one token each are looked up exactly as ids: %s', async (_, model) => {
    const { graph, made } = built({ tokens: 7 });
    const { logits, rows } = sure(3, made.soft.ids);
    const soft = (await judged(made, 'teacher', appended(model))).get('logits')!;
    const hard = appended(model)(graph, made.seen).get('logits')!;
    const found = await evaluate({ soft, hard, view: made.seen }, { logits });
    expect(numbers(found.soft!)).toEqual(numbers(found.hard!));
    expect(new Set(numbers(found.soft!)).size).toBe(6);
    const view = rows.flatMap((row) => [2, ...row, 3, ...Array(length).fill(1)]);
    expect(numbers(found.view!)).toEqual(view);
  });

  it.each(['bert-17', 'distilbert-14', 'pre-norm-13'])('are looked up in files of other exporters: %s', async (name) => {
    const vocabulary = 50;
    const { host, graph } = textHost(2, example(length, { ...text, vocabulary, files: {} }));
    const made = softTokens.build(softTokens.options.parse({ kind: 'soft-tokens' }), host) as SoftBatch;
    const file = loadModelFile(new URL(`../fixtures/onnx/${name}.onnx`, import.meta.url).pathname);
    const fitted = await fitTeacher(await importModel(file, runtime, { open: true }), {
      shape: [2, 2, length],
      preprocess: (view) => view,
      logits: undefined,
      probabilities: false,
    });
    // As an exported student has it: ids and mask apart, and together again.
    const again = (view: Value): Value =>
      concat(
        [0, 1].map((row) => unsqueeze(cast(cast(pick(view, row, 1), 'int64'), 'float32'), [1])),
        1,
      );
    for (const seen of [(view: Value) => view, again]) {
      const soft = await judged(made, 'teacher', (into, view) => new Map([['logits', fitted.build(into, seen(view)).logits]]));
      const hard = fitted.build(graph, made.seen).logits;
      const [slope] = grad(sum(soft.get('logits')!), [graph.inputs[0]!]);
      const { logits } = sure(2, made.soft.ids);
      const found = await evaluate({ soft: soft.get('logits')!, hard, slope: slope! }, { logits });
      numbers(found.soft!).forEach((v, i) => void expect(v).toBeCloseTo(numbers(found.hard!)[i]!, 5));
      expect(found.slope!.shape).toEqual([2, 4, 45]);
    }
  });

  it('have the gradients of central differences', async () => {
    const { graph, made, feeds } = built({ temperature: 0.7 }, 2);
    const logits = graph.inputs.find((v) => v.origin.kind === 'input' && v.origin.name === 'logits')!;
    const values = await judged(made, 'teacher', appended());
    const judge = sum(mul(values.get('logits')!, graph.constant(tensor('float32', [2, 2], [1, -0.5, 0.3, 0.8]))));
    const [slope] = grad(judge, [logits]);
    const at = async (change?: [number, number]) => {
      const data = Array.from(feeds.logits!.data as Float32Array);
      if (change) data[change[0]]! += change[1];
      return evaluate({ judge, slope: slope! }, { ...feeds, logits: tensor('float32', feeds.logits!.shape, data) });
    };
    const slopes = numbers((await at()).slope!);
    const largest = Math.max(...slopes.map(Math.abs));
    expect(largest).toBeGreaterThan(1e-3);
    for (const i of [0, 5, 17, 40, 61]) {
      const [up, down] = await Promise.all([at([i, 0.02]), at([i, -0.02])]);
      const difference = (numbers(up.judge!)[0]! - numbers(down.judge!)[0]!) / 0.04;
      expect(Math.abs(difference - slopes[i]!)).toBeLessThan(0.01 * largest);
    }
  });

  it('pass a student whose weights are values of the graph', async () => {
    const { graph, made, feeds } = built({ tokens: 5 });
    const weights = weightsOf();
    const inputs = new Map([...weights].map(([name, t]) => [name, graph.input(name, t)]));
    const constant = (await judged(made, 'teacher', appended())).get('logits')!;
    const student = await judged(
      made,
      'student',
      (own, view, given) =>
        new Map([['logits', buildModel(bert, own, view, { training: false, source: (name) => given.get(name)! }).logits]]),
      inputs,
    );
    const judge = sum(mul(student.get('logits')!, student.get('logits')!));
    const [table] = grad(judge, [inputs.get('embeddings.word.weight')!]);
    const found = await evaluate(
      { constant, student: student.get('logits')!, table: table! },
      { ...feeds, ...Object.fromEntries(weights) },
    );
    numbers(found.student!).forEach((v, i) => void expect(v).toBeCloseTo(numbers(found.constant!)[i]!, 5));
    const width = 8;
    const touched = words.filter((_, id) =>
      numbers(found.table!)
        .slice(id * width, (id + 1) * width)
        .some((v) => v !== 0),
    );
    expect(touched).toEqual(words.filter((_, id) => [2, 3, ...made.soft.ids].includes(id)));
  });

  it('are one token each to whoever looks them up straight, with the gradients of the shares', async () => {
    const { graph, made, feeds } = built({ straight: true });
    const plain = built({});
    const logits = graph.inputs[0]!;
    const weigh = ({ shares }: SoftBatch['soft']) =>
      sum(
        mul(
          shares,
          shares.graph.constant(
            tensor(
              'float32',
              shares.shape as number[],
              Array.from({ length: 108 }, (_, i) => i % 7),
            ),
          ),
        ),
      );
    const found = await evaluate({ shares: made.soft.shares, slope: grad(weigh(made.soft), [logits])[0]! }, feeds);
    const wanted = await evaluate({ slope: grad(weigh(plain.made.soft), [plain.graph.inputs[0]!])[0]! }, plain.feeds);
    const shares = numbers(found.shares!);
    expect(shares.filter((s) => Math.abs(s - 1) < 1e-6)).toHaveLength(12);
    expect(shares.filter((s) => Math.abs(s) < 1e-6)).toHaveLength(96);
    numbers(found.slope!).forEach((v, i) => void expect(v).toBeCloseTo(numbers(wanted.slope!)[i]!, 5));
  });

  it('are drawn by their shares with Gumbel noise', async () => {
    const { made, feeds } = built({ gumbel: true, tokens: 3 }, 2000);
    const [p0, p1, p2] = [0.6, 0.3, 0.1];
    const data = Array.from({ length: 2000 * 4 }, () => [p0, p1, p2].map(Math.log)).flat();
    const { view } = await evaluate({ view: made.seen }, { ...feeds, logits: tensor('float32', [2000, 4, 3], data) });
    const drawn = numbers(view!).filter((_, i) => i % 12 > 0 && i % 12 < 5);
    const share = (at: number): number => drawn.filter((id) => id === made.soft.ids[at]).length / drawn.length;
    expect(Math.abs(share(0) - p0)).toBeLessThan(0.025);
    expect(Math.abs(share(1) - p1)).toBeLessThan(0.025);
    expect(Math.abs(share(2) - p2)).toBeLessThan(0.02);
  });

  it('come of a generator as other texts for other noise', async () => {
    const { host, feeds } = textHost(4, example(length), 2);
    const options = tokenGenerator.options.parse({ kind: 'token-generator', noise: 5, width: 16 });
    const { clean: view, soft } = tokenGenerator.build(options, host);
    const found = await evaluate({ view, shares: soft!.shares }, feeds);
    expect(found.view!.shape).toEqual([4, 2, length]);
    expect(found.shares!.shape).toEqual([4, 4, 9]);
    const texts = [0, 1, 2, 3].map((i) =>
      numbers(found.view!)
        .slice(i * 2 * length, i * 2 * length + length)
        .join(' '),
    );
    expect(new Set(texts).size).toBeGreaterThan(1);
  });

  it('refuse what they cannot be', async () => {
    expect(() => built({ length: 7 })).toThrow('length: found 7; expected at most 6');
    expect(() => built({ length: 2 })).toThrow('length: found 2, of which 2 are fixed tokens');
    expect(() => built({ tokens: 10 })).toThrow('tokens: found 10; expected at most 9');
    const { host } = textHost(2, { layout: 'image', shape: [1, 4, 4] });
    expect(() => softTokens.build(softTokens.options.parse({ kind: 'soft-tokens' }), host)).toThrow('found data of images');
    const { made } = built({});
    await expect(judged(made, 'teacher', (_, view) => new Map([['logits', sum(view)]]))).rejects.toThrow(
      'teacher: found no table that the ids of tokens are looked up in',
    );
  });
});

describe('chosen tokens', () => {
  it('are whole words before parts before signs, without special ones', () => {
    const of = (n?: number) => chosenTokens(text, n).map((id) => words[id]);
    expect(of()).toEqual(words.slice(5));
    expect(of(4)).toEqual(['good', 'bad', 'film', 'plot']);
    expect(of(5)).toEqual(['##ing', 'good', 'bad', 'film', 'plot']);
  });
});

describe('peaked', () => {
  it('is 0 for one token at each place and 1 for all alike, and falls with its gradient', async () => {
    const { graph, made, feeds, host } = built({}, 2);
    const value = (await peaked.loss({ kind: 'peaked', weight: 1 }, { soft: made.soft } as Scene, host)) as Value;
    const [slope] = grad(value, [graph.inputs[0]!]);
    const shape = feeds.logits!.shape;
    const at = async (data: number[]) => {
      const found = await evaluate({ value, slope: slope! }, { logits: tensor('float32', shape, data) });
      return { value: numbers(found.value!)[0]!, slope: numbers(found.slope!) };
    };
    expect((await at(Array(72).fill(0.3))).value).toBeCloseTo(1, 6);
    const one = await at(numbers(sure(2, made.soft.ids).logits));
    expect(one.value).toBeCloseTo(0, 9);
    expect(one.slope.every((v) => Math.abs(v) < 1e-6)).toBe(true);
    const draws = random(1, 'logits');
    const logits = Array.from({ length: 72 }, () => draws.normal());
    const some = await at(logits);
    const less = await at(logits.map((v, i) => v - 5 * some.slope[i]!));
    expect(less.value).toBeLessThan(some.value);
    // −Σ p log p / log V of the first place, by hand.
    const places = Array.from({ length: 8 }, (_, m) => logits.slice(m * 9, (m + 1) * 9));
    const entropies = places.map((row) => {
      const sumOf = row.reduce((s, v) => s + Math.exp(v), 0);
      return -row.reduce((s, v) => s + (Math.exp(v) / sumOf) * Math.log(Math.exp(v) / sumOf), 0) / Math.log(9);
    });
    expect(some.value).toBeCloseTo(entropies.reduce((a, b) => a + b) / 8, 5);
  });

  it('needs distributions', () => {
    const { host } = textHost(2, example(length));
    expect(() => peaked.loss({ kind: 'peaked', weight: 1 }, {} as Scene, host)).toThrow('peaked: found a batch without');
  });
});
