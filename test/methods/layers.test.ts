import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, inputName, type Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { meanSquaredError } from '../../src/losses/regression.ts';
import type { Extras, Offer, Signals } from '../../src/methods/define.ts';
import { type LayersOptions, layerMaps, layerNeeds, layersOption, matchLayers } from '../../src/methods/layers/list.ts';
import { logPlan } from '../../src/methods/layers/transport.ts';
import type { Init } from '../../src/models/define.ts';
import { add, exp, mul, sub } from '../../src/ops/elementwise.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { mean } from '../../src/ops/reduce.ts';
import { evaluate, type Feeds, numbers, open } from '../support/ort.ts';

const draw = (name: string, ...shape: number[]): Tensor => {
  const draws = random(7, name);
  return tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, () => Math.fround(draws.normal())),
  );
};

/** Extras whose parameters and buffers are inputs of the graph, with the tensors that they start from. */
function extrasOf(graph: Graph) {
  const starts = new Map<string, Tensor>();
  const values = new Map<string, Value>();
  const updates = new Map<string, Value>();
  const scopes: string[] = [];
  const made = (name: string, shape: readonly number[], init: Init): [string, Value] => {
    const full = [...scopes, name].join('.');
    const data = new Float32Array(sizeOf(shape));
    init(data, random(3, full));
    starts.set(full, tensor('float32', shape, Array.from(data)));
    if (!values.has(full)) values.set(full, graph.input(full, { dtype: 'float32', shape }));
    return [full, values.get(full)!];
  };
  const extras = {
    graph,
    param: (name: string, shape: readonly number[], init: Init) => made(name, shape, init)[1],
    buffer: (name: string, shape: readonly number[], init: Init) => {
      const [full, value] = made(name, shape, init);
      return { value, update: (next: Value) => void updates.set(full, next) };
    },
    scope: <T>(name: string, build: () => T): T => {
      scopes.push(name);
      const built = build();
      scopes.pop();
      return built;
    },
  } as unknown as Extras;
  return { extras, starts, values, updates };
}

const average = (list: readonly number[]): number => list.reduce((a, b) => a + b) / list.length;

const taps = (family: string, n: number): ReadonlyMap<string, readonly number[]> =>
  new Map(Array.from({ length: n }, (_, i) => [`${family}.${i}`, [4]]));
const offerOf = (student: number, teacher: number): Offer => ({
  student: taps('hidden', student),
  teacher: taps('hidden', teacher),
});

describe('fixed maps', () => {
  const pairs = (map: string, student: number, teacher: number, options = {}): string =>
    layerMaps
      .get(map)!
      .pairs({ student, teacher }, options)
      .map(([s, t]) => `${s}-${t}`)
      .join(' ');

  test.each([
    ['uniform', 4, 12, '0-0 1-3 2-6 3-9'],
    ['uniform', 3, 5, '0-0 1-1 2-3'],
    ['uniform', 3, 2, '0-0 1-0 2-1'],
    ['block-ends', 4, 12, '0-2 1-5 2-8 3-11'],
    ['block-ends', 2, 5, '0-2 1-4'],
    ['block-ends', 3, 2, '0-0 1-1 2-1'],
    ['bottom-up', 2, 4, '0-0 1-1'],
    ['bottom-up', 4, 2, '0-0 1-1'],
    ['top-down', 2, 4, '0-2 1-3'],
    ['top-down', 4, 2, '2-0 3-1'],
  ])('%s of %i layers and %i', (map, student, teacher, wanted) => {
    expect(pairs(map, student, teacher)).toBe(wanted);
  });

  test('last takes k pairs from the output', () => {
    expect(pairs('last', 3, 5, { k: 1 })).toBe('2-4');
    expect(pairs('last', 3, 5, { k: 2 })).toBe('1-3 2-4');
    expect(pairs('last', 3, 2, { k: 9 })).toBe('1-0 2-1');
  });

  test('all maps but the learned ones are the diagonal for equal numbers of layers', () => {
    for (const map of ['uniform', 'block-ends', 'bottom-up', 'top-down']) expect(pairs(map, 3, 3)).toBe('0-0 1-1 2-2');
    expect(pairs('last', 3, 3, { k: 3 })).toBe('0-0 1-1 2-2');
  });

  test('every student layer of an even map has a teacher layer that exists, in rising order', () => {
    for (const map of ['uniform', 'block-ends'])
      for (let s = 1; s < 8; s++)
        for (let t = 1; t < 8; t++) {
          const found = layerMaps
            .get(map)!
            .pairs({ student: s, teacher: t }, {})
            .map((p) => p[1]);
          expect(found.length).toBe(s);
          expect(found.every((at, i) => at >= (found[i - 1] ?? 0) && at < t)).toBe(true);
        }
  });
});

describe('needs', () => {
  test('are the taps of the pairs, each once', () => {
    expect(layerNeeds('uniform', offerOf(3, 2), 'hidden')).toEqual({
      student: ['hidden.0', 'hidden.1', 'hidden.2'],
      teacher: ['hidden.0', 'hidden.1'],
    });
    expect(layerNeeds([{ student: 'a', teacher: 'x/y' }], offerOf(0, 0), 'hidden')).toEqual({ student: ['a'], teacher: ['x/y'] });
    expect(layerNeeds('emd', offerOf(1, 3), 'hidden').teacher).toHaveLength(3);
  });

  test('name the first of the family where a side has none', () => {
    const first = { student: ['hidden.0'], teacher: ['hidden.0'] };
    for (const map of layerMaps.keys() as Iterable<'emd'>)
      for (const offer of [offerOf(0, 0), offerOf(2, 0), offerOf(0, 2)]) expect(layerNeeds(map, offer, 'hidden')).toEqual(first);
  });

  test('options are names, objects or lists, and nothing else', () => {
    const schema = layersOption('hidden', 'uniform');
    expect(schema.parse(undefined)).toBe('uniform');
    expect(schema.parse({ map: 'last' })).toEqual({ map: 'last', k: 1 });
    expect(schema.safeParse('sideways').success).toBe(false);
    expect(schema.safeParse([]).success).toBe(false);
    expect(schema.safeParse({ map: 'uniform', k: 2 }).success).toBe(false);
  });
});

const B = 6;

/** Signals over layers that are inputs of the graph. */
function signalsOf(graph: Graph, student: readonly Value[], teacher: readonly Value[]) {
  const named = (list: readonly Value[]) => new Map(list.map((v, i) => [`hidden.${i}`, v]));
  const held = extrasOf(graph);
  const signals: Signals = {
    student: named(student),
    teacher: named(teacher),
    target: graph.scalar(0),
    offer: offerOf(student.length, teacher.length),
    extras: held.extras,
  };
  return { signals, ...held };
}

/** The value of a comparison of random layers. */
async function compared(layers: LayersOptions, S: number, T: number): Promise<{ values: number[]; distances: number[][][] }> {
  const graph = new Graph();
  const feeds: Record<string, Tensor> = {};
  const input = (name: string): Value => {
    feeds[name] = draw(name, B, 4);
    return graph.input(name, feeds[name]);
  };
  const student = Array.from({ length: S }, (_, i) => input(`s${i}`));
  const teacher = Array.from({ length: T }, (_, i) => input(`t${i}`));
  const { signals, starts } = signalsOf(graph, student, teacher);
  const values = matchLayers(layers, signals, 'hidden', meanSquaredError);
  expect(values.shape).toEqual([B]);
  const found = await evaluate({ values }, { ...feeds, ...Object.fromEntries(starts) });
  const apart = (s: number, t: number, b: number): number => {
    const [x, y] = [numbers(feeds[`s${s}`]!), numbers(feeds[`t${t}`]!)];
    return [0, 1, 2, 3].reduce((sum, i) => sum + (x[b * 4 + i]! - y[b * 4 + i]!) ** 2 / 4, 0);
  };
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  return {
    values: numbers(found.values!),
    distances: range(S).map((s) => range(T).map((t) => range(B).map((b) => apart(s, t, b)))),
  };
}

describe('matchLayers', () => {
  test('is the mean of the pairs, per example', async () => {
    const { values, distances } = await compared('uniform', 2, 4);
    values.forEach((v, b) => {
      expect(v).toBeCloseTo((distances[0]![0]![b]! + distances[1]![2]![b]!) / 2, 5);
    });
    const one = await compared([{ student: 'hidden.1', teacher: 'hidden.0' }], 2, 2);
    one.values.forEach((v, b) => {
      expect(v).toBeCloseTo(one.distances[1]![0]![b]!, 5);
    });
  });

  test.each(['attention', 'emd'] as const)('%s of one layer each is the plain distance', async (map) => {
    const { values, distances } = await compared(map, 1, 1);
    values.forEach((v, b) => {
      expect(v).toBeCloseTo(distances[0]![0]![b]!, 5);
    });
  });

  test('attention lies between the nearest and the farthest layer, and the price of uneven weights comes on top', async () => {
    const { values, distances } = await compared('attention', 1, 3);
    values.forEach((v, b) => {
      const all = distances[0]!.map((d) => d[b]!);
      expect(v).toBeGreaterThan(Math.min(...all));
      expect(v).toBeLessThan(Math.max(...all));
    });
    const even = await compared({ map: 'attention', over: 'teacher', size: 32, entropy: 5 }, 1, 3);
    for (const [b, v] of even.values.entries()) expect(v).toBeGreaterThan(values[b]!);
  });

  test('attention over the layers of the student gives every teacher layer the same say', async () => {
    const { values, distances } = await compared({ map: 'attention', over: 'student', size: 8, entropy: 0 }, 1, 3);
    for (const [b, v] of values.entries()) expect(v).toBeCloseTo(average(distances[0]!.map((d) => d[b]!)), 5);
  });

  test('emd is at least the mean over students of the nearest layer and at most the mean of all', async () => {
    const { values, distances } = await compared('emd', 3, 3);
    const cost = distances.map((row) => row.map(average));
    expect(average(values)).toBeGreaterThan(average(cost.map((row) => Math.min(...row))) - 1e-4);
    expect(average(values)).toBeLessThan(average(cost.flat()));
  });
});

describe('transport plans', () => {
  async function plan(cost: number[][], a: number[], b: number[], epsilon = 0.05, iterations = 50): Promise<number[][]> {
    const graph = new Graph();
    const constant =
      (...shape: number[]) =>
      (data: number[]) =>
        graph.constant(tensor('float32', shape, data));
    const value = exp(
      logPlan(constant(a.length, b.length)(cost.flat()), constant(a.length)(a), constant(b.length)(b), { epsilon, iterations }),
    );
    const found = numbers((await evaluate({ value })).value!);
    return cost.map((row, i) => found.slice(i * row.length, (i + 1) * row.length));
  }

  test('move the masses that they are given', async () => {
    const [a, b] = [
      [0.5, 0.3, 0.2],
      [0.6, 0.1, 0.2, 0.1],
    ];
    const found = await plan(
      [
        [1, 2, 3, 4],
        [2, 1, 0, 2],
        [5, 1, 1, 0],
      ],
      a,
      b,
    );
    found.forEach((row, i) => {
      expect(row.reduce((p, q) => p + q)).toBeCloseTo(a[i]!, 3);
    });
    b.forEach((mass, j) => {
      expect(found.reduce((sum, row) => sum + row[j]!, 0)).toBeCloseTo(mass, 5);
    });
  });

  test('find the permutation that costs nothing', async () => {
    const third = [1 / 3, 1 / 3, 1 / 3];
    const found = await plan(
      [
        [5, 0, 5],
        [5, 5, 0],
        [0, 5, 5],
      ],
      third,
      third,
    );
    const wanted = [0, 1, 0, 0, 0, 1, 1, 0, 0].map((v) => v / 3);
    found.flat().forEach((v, i) => {
      expect(v).toBeCloseTo(wanted[i]!, 5);
    });
  });

  test('near the optimum of a linear program as the entropy term shrinks', async () => {
    // Two by two: mass x on the diagonal's first place costs x + (0.7 − x)·4 + (0.4 − x)·2 + (x − 0.1)·3, least at x = 0.4.
    const cost = [
      [1, 4],
      [2, 3],
    ];
    const paid = async (epsilon: number, iterations: number): Promise<number> =>
      (await plan(cost, [0.7, 0.3], [0.4, 0.6], epsilon, iterations)).flat().reduce((s, p, i) => s + p * cost.flat()[i]!, 0);
    const best = 0.4 + 0.3 * 4 + 0 + 0.3 * 3;
    expect(await paid(0.02, 100)).toBeCloseTo(best, 3);
    expect(await paid(1, 100)).toBeGreaterThan(best);
  });

  test('are even, and finite, where all costs are zero', async () => {
    const found = await plan([[0, 0]], [1], [0.5, 0.5]);
    expect(found.flat()).toEqual([expect.closeTo(0.5, 6), expect.closeTo(0.5, 6)]);
  });
});

/**
 * A planted task: teacher layer t is linear in part t of the input, and student layer s in part (s + 1) mod 3, so each student layer
 * can be trained to match exactly one teacher layer and no other.
 */
async function planted(layers: LayersOptions): Promise<{ loss: number; right: number }> {
  const [steps, rate, examples, inside, outside] = [120, 1, 24, 3, 4];
  const graph = new Graph();
  const feeds: Record<string, Tensor> = {};
  const input = (name: string, ...shape: number[]): Value => {
    feeds[name] = draw(name, ...shape);
    return graph.input(name, feeds[name]);
  };
  const parts = [0, 1, 2].map((i) => input(`x${i}`, examples, inside));
  const teacher = [0, 1, 2].map((t) => matmul(parts[t]!, input(`t${t}`, inside, outside)));
  const student = [0, 1, 2].map((s) => matmul(parts[(s + 1) % 3]!, input(`w${s}`, inside, outside)));
  const { signals, starts, values, updates } = signalsOf(graph, student, teacher);
  const loss = mean(matchLayers(layers, signals, 'hidden', meanSquaredError));
  const right = student.map((x, s) => mean(meanSquaredError(x, teacher[(s + 1) % 3]!))).reduce((a, b) => add(a, b));
  const trained = ['w0', 'w1', 'w2', ...[...values.keys()].filter((name) => !updates.has(name))];
  const weights = trained.map((name) => graph.inputs.find((v) => inputName(v) === name)!);
  const slopes = grad(loss, weights);
  const results = new Map([...updates, ...trained.map((name, i) => [name, sub(weights[i]!, mul(slopes[i]!, rate))] as const)]);
  const next = [...results].map(([name, v]) => [`next.${name}`, v] as const);
  const session = await open({ ...Object.fromEntries(next), loss, right: right });
  let state: Feeds = { ...feeds, ...Object.fromEntries(starts) };
  let result = { loss: Number.NaN, right: Number.NaN };
  for (let i = 0; i < steps; i++) {
    const found = await session.run(state);
    result = { loss: average(numbers(found.loss!)), right: average(numbers(found.right!)) };
    state = { ...state, ...Object.fromEntries([...results.keys()].map((name) => [name, found[`next.${name}`]!])) };
  }
  await session.close();
  return result;
}

describe('a planted task', () => {
  const withDefaults = (layers: unknown): LayersOptions => layersOption('hidden', 'uniform').parse(layers);

  test.each([['attention'], [{ map: 'attention', over: 'student' }], ['emd'], [{ map: 'emd', masses: 'by-cost' }]])(
    '%j ends lower than a wrong fixed map',
    async (layers) => {
      const [wrong, learned] = [await planted('uniform'), await planted(withDefaults(layers))];
      expect(wrong.loss).toBeGreaterThan(3);
      expect(learned.loss).toBeLessThan(0.5);
      expect(learned.right).toBeLessThan(wrong.right / 2);
    },
  );

  test('a transport plan finds every pair', async () => {
    expect((await planted('emd')).right).toBeLessThan(1e-4);
  });
});
