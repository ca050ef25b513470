import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import type { ExampleType } from '../../src/data/dataset.ts';
import { random } from '../../src/data/random.ts';
import type { Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { architectureSchema, createModel } from '../../src/models/architectures/list.ts';
import { buildModel, initialise } from '../../src/models/build.ts';
import { mul } from '../../src/ops/elementwise.ts';
import { flip } from '../../src/ops/movement.ts';
import { sum } from '../../src/ops/reduce.ts';
import { SynthesisError } from '../../src/synthesis/error.ts';
import type { Scene } from '../../src/synthesis/priors/define.ts';
import { priorOf, priorSchema, priors } from '../../src/synthesis/priors/list.ts';
import { factsOf } from '../../src/synthesis/teacher/read.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { hostOf, picture, sceneOf, vector } from '../support/synthesis.ts';
import { example as textExample } from './text-host.ts';

type Options = { readonly kind: (typeof priors)[number]['kind'] } & Readonly<Record<string, unknown>>;
type Rows = readonly (readonly number[])[];

const matrix = (rows: Rows): Tensor => tensor('float32', [rows.length, rows[0]!.length], rows.flat());
const draws = (seed: number, ...shape: number[]): Tensor => {
  const stream = random(seed, 'numbers');
  return tensor(
    'float32',
    shape,
    Array.from({ length: sizeOf(shape) }, () => stream.normal()),
  );
};
const lossOf = (options: Options, scene: Scene, host: ReturnType<typeof hostOf>['host']): Value => {
  const parsed = priorSchema.parse(options);
  return priorOf(parsed.kind).loss(parsed as never, scene, host) as Value;
};

interface Given {
  readonly view?: Tensor;
  readonly logits?: Tensor;
  readonly student?: Tensor;
  readonly example?: ExampleType;
  readonly spreads?: { readonly mean: readonly number[]; readonly std: readonly number[] };
  readonly time?: number;
}

/** A prior's value where the view and the answers are given; they are one graph's inputs. */
async function judge(options: Options, given: Given): Promise<number> {
  const { view = draws(1, 3, 1, 4, 4), logits = draws(2, view.shape[0]!, 4), example = picture(1, 4, 4), time = 0 } = given;
  const { graph, host, values, feed } = hostOf({ batchSize: view.shape[0]!, example, ...given });
  const input = (name: string, t: Tensor): Value => graph.input(name, t);
  const said = { logits: input('logits', logits) };
  const student = given.student && new Map([['logits', input('student', given.student)]]);
  const loss = lossOf(
    options,
    sceneOf(input('view', view), () => said, { student: student ?? null }),
    host,
  );
  const drawn = Object.fromEntries([...values.keys()].map((name) => [name, feed(name, time)]));
  const found = await evaluate({ loss }, { view, logits, ...(given.student && { student: given.student }), ...drawn });
  expect(found.loss!.shape).toEqual([]);
  return numbers(found.loss!)[0]!;
}

describe('what the teacher answers', () => {
  const some = draws(3, 6, 4);

  test('its own class is the one it is surest of', async () => {
    const own = await judge({ kind: 'confident' }, { logits: some });
    for (let time = 0; time < 5; time++) {
      const drawn = await judge({ kind: 'confident', target: 'random' }, { logits: some, time });
      expect(drawn).toBeGreaterThanOrEqual(own);
    }
  });

  test('drawn classes are those that there are, each of them', () => {
    const { graph, host, feed } = hostOf({ batchSize: 400, example: vector(2) });
    const logits = graph.input('logits', { dtype: 'float32', shape: [400, 3] });
    lossOf(
      { kind: 'confident', target: 'random' },
      sceneOf(logits, () => ({ logits })),
      host,
    );
    const classes = numbers(feed('classes', 2));
    expect(new Set(classes)).toEqual(new Set([0, 1, 2]));
    expect(classes).not.toEqual(numbers(feed('classes', 3)));
  });

  test('balance is least where all classes are as frequent, and 0 where one is alone', async () => {
    const hot = (at: number): number[] => [0, 1, 2, 3].map((i) => (i === at ? 40 : -40));
    const balance = (rows: Rows) => judge({ kind: 'balance' }, { logits: matrix(rows), view: draws(1, rows.length, 1, 4, 4) });
    expect(await balance([hot(0), hot(1), hot(2), hot(3)])).toBeCloseTo(-Math.log(4), 5);
    expect(await balance([hot(0), hot(1), hot(0), hot(1)])).toBeCloseTo(-Math.log(2), 5);
    expect(await balance([hot(2), hot(2)])).toBeCloseTo(0, 5);
    expect(await judge({ kind: 'balance' }, { logits: some })).toBeGreaterThan(-Math.log(4));
  });

  test.each(['confident', 'balance'] as const)('%s needs classes', async (kind) => {
    const found = judge({ kind }, { logits: draws(1, 3, 1) });
    await expect(found).rejects.toThrow(SynthesisError);
    await expect(found).rejects.toThrow(/gives \[1\] for an example; expected logits of at least two classes; .*distance l1/);
  });
});

describe('what student and teacher disagree on', () => {
  const teacher = draws(4, 5, 4);
  const turned = matrix(
    Array.from({ length: 5 }, (_, i) => {
      const [a, b, c, d] = numbers(teacher).slice(4 * i, 4 * i + 4);
      return [-a!, -b!, -c!, -d!];
    }),
  );
  const view = draws(1, 5, 1, 4, 4);
  const nothing = { kl: 0, l1: 0, js: 1 };

  test.each(['kl', 'l1', 'js'] as const)('%s: large where they agree, small where they do not', async (distance) => {
    const options = { kind: 'adversarial', distance } as const;
    expect(await judge(options, { view, logits: teacher, student: teacher })).toBeCloseTo(nothing[distance], 6);
    const apart = await judge(options, { view, logits: teacher, student: turned });
    expect(apart).toBeLessThan(nothing[distance]);
    // Their best classes differ everywhere.
    const agreeing = { view, logits: teacher, student: turned };
    expect(await judge({ ...options, only: 'agreeing' }, agreeing)).toBeCloseTo(nothing[distance], 6);
  });

  test('usual temperatures are those of the papers', async () => {
    const given = { view, logits: teacher, student: turned };
    for (const [distance, temperature] of [
      ['kl', 1],
      ['l1', 1],
      ['js', 3],
    ] as const) {
      const usual = await judge({ kind: 'adversarial', distance }, given);
      expect(await judge({ kind: 'adversarial', distance, temperature }, given)).toBe(usual);
    }
  });
});

describe('statistics', () => {
  /** Mean and variance by channel of [B, C, H, W]. */
  function momentsOf(t: Tensor): { mean: Tensor; variance: Tensor } {
    const [count, channels, ...area] = t.shape as readonly [number, number, ...number[]];
    const size = sizeOf(area);
    const all = numbers(t);
    const by = Array.from({ length: channels }, (_, c) => all.filter((_, i) => Math.floor(i / size) % channels === c));
    const mean = by.map((list) => list.reduce((a, b) => a + b, 0) / (count * size));
    const variance = by.map((list, c) => list.reduce((a, b) => a + (b - mean[c]!) ** 2, 0) / (count * size));
    return { mean: tensor('float32', [channels], mean), variance: tensor('float32', [channels], variance) };
  }

  async function judged(batch: Tensor, kept: { mean: Tensor; variance: Tensor }) {
    const { graph, host } = hostOf({ batchSize: batch.shape[0]!, example: picture(1, 4, 4) });
    const input = graph.input('layer', batch);
    const facts = { name: 'teacher', statistics: [{ input, ...kept }], lastLayer: null };
    const loss = lossOf(
      { kind: 'batch-statistics', firstLayer: 1 },
      sceneOf(input, () => ({}), { facts }),
      host,
    );
    const [slope] = grad(loss, [input]);
    const found = await evaluate({ loss, slope: slope! }, { layer: batch });
    return { loss: numbers(found.loss!)[0]!, slope: numbers(found.slope!) };
  }

  test('nothing is to be changed where the batch has the statistics that are remembered', async () => {
    const batch = draws(5, 4, 3, 5, 5);
    expect((await judged(batch, momentsOf(batch))).loss).toBeLessThan(1e-5);
    const shifted = { ...batch, data: Float32Array.from(batch.data as Float32Array, (x) => x + 0.5) };
    expect((await judged(shifted, momentsOf(batch))).loss).toBeCloseTo(0.5 * Math.sqrt(3), 4);
  });

  test('at exactly these statistics the slope is a number', async () => {
    const level = tensor('float32', [2, 1, 2, 2], Array(8).fill(0));
    const { loss, slope } = await judged(level, {
      mean: tensor('float32', [1], [0]),
      variance: tensor('float32', [1], [0]),
    });
    expect(loss).toBeLessThan(1e-6);
    expect(slope).toEqual(Array(8).fill(0));
  });

  test('a teacher without them is told of, with ways out', async () => {
    const found = judge({ kind: 'batch-statistics' }, {});
    await expect(found).rejects.toThrow(SynthesisError);
    for (const part of ["teacher 'teacher'", 'fold', 'zskd, dafl, zskt', 'lopes', 'TrainingMode.PRESERVE', 'optimize=False']) {
      await expect(judge({ kind: 'batch-statistics' }, {})).rejects.toThrow(part);
    }
  });
});

describe('what examples look like', () => {
  const level = tensor('float32', [2, 1, 4, 4], Array(32).fill(0.3));

  test.each(['l1', 'l2'] as const)('total variation, %s: 0 for level pictures, the same for mirrored ones', async (norm) => {
    const options = { kind: 'total-variation', norm } as const;
    expect(await judge(options, { view: level })).toBeLessThan(1e-6);
    const { graph } = hostOf({ batchSize: 3, example: picture(1, 4, 4) });
    const view = draws(6, 3, 1, 4, 4);
    const { mirrored } = await evaluate({ mirrored: flip(graph.input('x', view), [3]) }, { x: view });
    expect(await judge(options, { view: mirrored! })).toBeCloseTo(await judge(options, { view }), 5);
  });

  test('both are in units of the data', async () => {
    const view = draws(7, 3, 1, 4, 4);
    for (const kind of ['total-variation', 'norm'] as const) {
      const wide = await judge({ kind }, { view, spreads: { mean: [0], std: [2] } });
      expect(wide).toBeCloseTo((await judge({ kind }, { view })) / 2, 5);
      // A channel in which the data never vary.
      expect(await judge({ kind }, { view, spreads: { mean: [0], std: [0] } })).toBeCloseTo(2 * wide, 4);
    }
    expect(await judge({ kind: 'norm' }, { view: level, spreads: { mean: [0.3], std: [0.1] } })).toBeLessThan(1e-5);
  });

  test('what they cannot judge is told', async () => {
    const vectors = { view: draws(1, 3, 2), example: vector(2) };
    expect(await judge({ kind: 'norm' }, vectors)).toBeGreaterThan(0);
    await expect(judge({ kind: 'total-variation' }, vectors)).rejects.toThrow(/layout vector.*expected pictures; leave/);
    const texts = { view: draws(1, 3, 2, 4), example: textExample(4) };
    await expect(judge({ kind: 'norm' }, texts)).rejects.toThrow(/found texts.*expected pictures or vectors/);
    await expect(judge({ kind: 'total-variation' }, texts)).rejects.toThrow(SynthesisError);
    const dots = { view: draws(1, 3, 1, 1, 1), example: picture(1, 1, 1) };
    await expect(judge({ kind: 'total-variation' }, dots)).rejects.toThrow(/pictures of one pixel/);
  });
});

describe('behind a network', () => {
  const shape = { input: [1, 8, 8], outputs: 4 };
  const model = createModel(architectureSchema.parse({ kind: 'cnn', channels: [3, 4], batchNorm: true }), shape);
  const weights = (stream: string) => initialise(model, shape, (name) => random(3, `${stream}.${name}`));

  test.each([
    { kind: 'confident' },
    { kind: 'confident', target: 'random' },
    { kind: 'balance' },
    { kind: 'activation' },
    { kind: 'adversarial' },
    { kind: 'adversarial', distance: 'l1' },
    { kind: 'adversarial', distance: 'js' },
    { kind: 'batch-statistics' },
    { kind: 'total-variation' },
    { kind: 'norm' },
  ] as const)('%o says how to change the batch', async (options) => {
    const view = tensor('float32', [2, 1, 8, 8], numbers(draws(8, 2, 1, 8, 8)));
    const { graph, host, feeds } = hostOf({ batchSize: 2, example: picture(1, 8, 8), outputs: 4 });
    const x = graph.input('view', view);
    const built = (stream: string) => buildModel(model, graph, x, { training: false, source: weights(stream) });
    const teacher = built('teacher');
    const scene: Scene = {
      ...sceneOf(x, () => Object.fromEntries(teacher.taps)),
      student: built('student').taps,
      facts: factsOf(model.name, graph, teacher.logits),
    };
    const loss = lossOf(options, scene, host);
    const along = graph.input('along', view);
    const [slope] = grad(loss, [x]);
    // The slope along a direction, against what a small step in it changes.
    const towards = sum(mul(slope!, along));
    const direction = draws(9, 2, 1, 8, 8);
    const moved = (by: number): Tensor => ({
      ...view,
      data: Float32Array.from(view.data as Float32Array, (v, i) => v + by * Number(direction.data[i])),
    });
    const at = async (batch: Tensor) => evaluate({ loss, towards }, { ...feeds(), view: batch, along: direction });
    const [here, before, behind] = [await at(view), await at(moved(-5e-3)), await at(moved(5e-3))];
    const change = (numbers(behind.loss!)[0]! - numbers(before.loss!)[0]!) / 1e-2;
    expect(numbers(here.towards!)[0]).not.toBe(0);
    expect(Math.abs(numbers(here.towards!)[0]! - change)).toBeLessThan(1e-3 + 0.05 * Math.abs(change));
  });
});

describe('the list', () => {
  test('kinds are their own names, weigh 1 unless told, and take no options of others', () => {
    expect(new Set(priors.map(({ kind }) => kind)).size).toBe(priors.length);
    for (const { kind, summary, paper } of priors) {
      expect(priorSchema.parse({ kind })).toMatchObject({ kind, weight: 1 });
      expect(priorOf(kind as never).kind).toBe(kind);
      expect(priorSchema.safeParse({ kind, foreign: 1 }).success).toBe(false);
      expect(summary.length * paper.length).toBeGreaterThan(0);
    }
    expect(() => priorOf('other' as never)).toThrow(/internal: no prior/);
  });
});
