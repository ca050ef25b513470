import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { random } from '../../src/data/random.ts';
import { Graph } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { bert } from '../../src/models/architectures/bert.ts';
import { type Built, buildModel, initialise } from '../../src/models/build.ts';
import type { ModelShape } from '../../src/models/define.ts';
import { importanceByActivations, importanceByWeights } from '../../src/models/shrink/importance.ts';
import { initialiseFrom } from '../../src/models/shrink/initialise-from.ts';
import { type LayerRule, layerMapNames, layersFrom } from '../../src/models/shrink/layer-maps.ts';
import { patternOf } from '../../src/models/shrink/structure.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { expectClose, texts } from './texts.ts';

const shape: ModelShape = { input: [2, 9], outputs: 3, vocabulary: 23 };
type Options = Omit<z.input<typeof bert.options>, 'kind'>;
const base: Options = { layers: 4, width: 12, heads: 3, headWidth: 4, inner: 10, dropout: 0 };
const sized = (options: Options) => {
  const parsed = bert.options.parse({ kind: 'bert', ...base, ...options });
  return { structure: bert.structure!(parsed, shape), model: bert.create(parsed, shape) };
};
const start = (options: Options, seed = 3): Map<string, Tensor> =>
  initialise(sized(options).model, shape, (name) => random(seed, name));
const x = texts([9, 4, 2], 9, 23);

async function outputs(options: Options, weights: ReadonlyMap<string, Tensor>, roles: readonly string[] = ['logits']) {
  const graph = new Graph();
  const input = graph.input('x', { dtype: 'float32', shape: [3, 2, 9] });
  const built: Built = buildModel(sized(options).model, graph, input, { training: false, source: weights });
  return evaluate(Object.fromEntries(roles.map((role) => [role, built.taps.get(role)!])), { x });
}

/** Some numbers of a tensor set to a value: where `at` says so, by place along its axes. */
const changed = (t: Tensor, value: number, at: (...place: number[]) => boolean): Tensor => {
  const [columns] = t.shape.slice(-1);
  const place = (i: number): number[] => (t.shape.length === 1 ? [i] : [Math.floor(i / columns!), i % columns!]);
  return tensor('float32', t.shape, numbers(t).map((v, i) => (at(...place(i)) ? value : v))); // biome-ignore format: one call
};

describe('layers', () => {
  const cases: readonly [LayerRule, number, number, number[]][] = [
    ['spread', 6, 12, [0, 2, 4, 7, 9, 11]],
    ['every-other', 6, 12, [0, 2, 4, 6, 8, 10]],
    ['every-other', 2, 4, [0, 2]],
    ['first', 2, 4, [0, 1]],
    ['last', 2, 4, [2, 3]],
    ['spread', 1, 4, [0]],
    [[3, 3], 2, 4, [3, 3]],
  ];
  test.each(cases)('%s: %i of %i', (rule, ours, theirs, wanted) => {
    expect(layersFrom(rule, ours, theirs)).toEqual(wanted);
  });

  test('a map onto a model of the same depth is the model itself', () => {
    for (const name of layerMapNames) expect(layersFrom(name, 5, 5)).toEqual([0, 1, 2, 3, 4]);
  });

  test('what does not fit is said', () => {
    expect(() => layersFrom([0, 4], 2, 4)).toThrow('layers: 4 is not a layer of the teacher; it has 0 to 3');
    expect(() => layersFrom([0], 2, 4)).toThrow('layers: [0] are 1; the student has 2');
    expect(() => layersFrom('first', 5, 4)).toThrow("layers: the student has 5, the teacher 4; 'first' needs at least as many");
  });
});

describe('a student cut out of its teacher', () => {
  const theirs = start({});
  const from = sized({}).structure;
  const cut = (options: Options, weights = theirs, rule = {}) => initialiseFrom(weights, from, sized(options).structure, rule);

  test('of the same size is the teacher', async () => {
    const ours = cut({});
    expect(ours).toEqual(theirs);
    expect((await outputs({}, ours)).logits).toEqual((await outputs({}, theirs)).logits);
  });

  test('with fewer layers has the named ones and all of the rest', () => {
    const ours = cut({ layers: 2 }, theirs, { layers: [3, 1] });
    expect(new Set(ours.keys())).toEqual(new Set(start({ layers: 2 }).keys()));
    for (const [name, t] of ours) {
      const { layer } = patternOf(name);
      const was = name.replace('layers.0.', 'layers.3.').replace('layers.1.', 'layers.one.').replace('layers.one.', 'layers.1.');
      expect(t, name).toBe(theirs.get(layer === 0 ? was : name));
    }
  });

  test('without heads and units that do nothing gives the same answers', async () => {
    const idle = new Map(theirs);
    for (let l = 0; l < 4; l++) {
      const [heads, inner] = [`layers.${l}.attention.output.weight`, `layers.${l}.feedforward.output.weight`];
      idle.set(
        heads,
        changed(theirs.get(heads)!, 0, (row) => Math.floor(row / 4) === l % 3),
      );
      idle.set(
        inner,
        changed(theirs.get(inner)!, 0, (row) => row % 3 === 1),
      );
    }
    const smaller: Options = { heads: 2, inner: 7 };
    const used = [0, 1, 2, 3].flatMap((l) => {
      const heads = [0, 1, 2].map((h) => Number(h !== l % 3));
      const units = Array.from({ length: 10 }, (_, u) => Number(u % 3 !== 1));
      return [[`heads.${l}`, heads] as const, [`inner.${l}`, units] as const];
    });
    const ours = cut(smaller, idle, { importance: new Map(used) });
    expect(new Set(ours.keys())).toEqual(new Set(start(smaller).keys()));
    const [a, b] = [await outputs({}, idle), await outputs(smaller, ours)];
    expectClose(numbers(b.logits!), numbers(a.logits!), 'logits', 1e-5);
  });

  test('is narrower by the channels that matter least, everywhere the same ones', () => {
    const scores = Array.from({ length: 12 }, (_, c) => (c % 4 === 1 ? 0 : c));
    const ours = cut({ width: 9 }, theirs, { importance: new Map([['width', scores]]) });
    const kept = [0, 2, 3, 4, 6, 7, 8, 10, 11];
    const named = (name: string, of: ReadonlyMap<string, Tensor>) => of.get(name)!;
    const word = named('embeddings.word.weight', ours);
    expect(word.shape).toEqual([23, 9]);
    expect(numbers(word).slice(9, 18)).toEqual(kept.map((c) => numbers(named('embeddings.word.weight', theirs))[12 + c]));
    const pooler = named('pooler.weight', ours);
    expect(numbers(pooler)).toEqual(kept.flatMap((r) => kept.map((c) => numbers(named('pooler.weight', theirs))[r * 12 + c]!)));
    for (const [name, { shape: wanted }] of start({ width: 9 })) expect(ours.get(name)?.shape, name).toEqual(wanted);
  });

  test('for shorter texts has the first places', () => {
    const longer = sized({ positions: 20 });
    const weights = initialise(longer.model, shape, (name) => random(3, name));
    const shorter = initialiseFrom(weights, longer.structure, sized({ positions: 9 }).structure);
    const name = 'embeddings.position.weight';
    expect(numbers(shorter.get(name)!)).toEqual(numbers(weights.get(name)!).slice(0, 9 * 12));
  });

  test('keeps its own start where nothing of the teacher fits', () => {
    const wider = cut({ inner: 16 });
    expect([...start({ inner: 16 }).keys()].filter((name) => !wider.has(name))).toEqual(
      [0, 1, 2, 3].flatMap((l) =>
        ['inner.weight', 'inner.bias', 'output.weight'].map((part) => `layers.${l}.feedforward.${part}`),
      ),
    );
    const otherHeads = cut({ heads: 3, headWidth: 2 });
    expect(otherHeads.has('layers.0.attention.query.weight')).toBe(false);
    expect(otherHeads.has('layers.0.attention.output.bias')).toBe(true);
  });
});

describe('importance', () => {
  const { structure } = sized({});
  const theirs = start({});
  const mask = [9, 4, 2].flatMap((n) => Array.from({ length: 9 }, (_, i) => Number(i < n)));

  test('by activations: lengths in the mean over tokens, padding left out', async () => {
    const measured = importanceByActivations(structure);
    expect(new Set(measured.roles)).toEqual(
      new Set(['tokens', ...[0, 1, 2, 3].flatMap((l) => [`hidden.${l}`, `heads.${l}`, `inner.${l}`])]),
    );
    const found = await outputs({}, theirs, measured.roles);
    const taps = new Map(Object.entries(found));
    measured.add(taps, mask);
    const once = measured.scores();
    const heads = numbers(found['heads.2']!);
    const tokens = mask.flatMap((m, row) => (m ? [row] : []));
    const mean = (of: (row: number) => number): number => tokens.reduce((s, row) => s + of(row), 0) / tokens.length;
    const wanted = [0, 1, 2].map((h) => mean((row) => Math.hypot(...heads.slice(row * 12 + h * 4, row * 12 + h * 4 + 4))));
    expectClose(once.get('heads.2')!, wanted, 'heads', 1e-6);
    const inner = numbers(found['inner.0']!);
    expectClose(
      once.get('inner.0')!,
      Array.from({ length: 10 }, (_, u) => mean((row) => Math.abs(inner[row * 10 + u]!))),
      'inner',
      1e-6,
    );
    measured.add(taps, mask);
    expectClose(measured.scores().get('width')!, once.get('width')!, 'twice the same', 1e-9);
    expect(once.get('width')!.length).toBe(12);
  });

  test('by weights: what is zero counts least', () => {
    const weights = new Map(theirs);
    for (const part of ['query', 'key', 'value']) {
      const names = [`layers.1.attention.${part}.weight`, `layers.1.attention.${part}.bias`] as const;
      weights.set(
        names[0],
        changed(theirs.get(names[0])!, 0, (_, column) => Math.floor(column! / 4) === 1),
      );
    }
    const scores = importanceByWeights(weights, structure);
    const [a, b, c] = scores.get('heads.1')! as [number, number, number];
    expect(b).toBeLessThan(0.7 * Math.min(a, c));
    expect(scores.get('width')!.length).toBe(12);
    expect(scores.get('inner.3')!.length).toBe(10);
  });
});
