import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import type { Value } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { relu } from '../../src/ops/activations.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { SynthesisError } from '../../src/synthesis/error.ts';
import type { GroupedMoments, Metadata, Moments } from '../../src/synthesis/metadata/metadata.ts';
import { metadata } from '../../src/synthesis/priors/metadata.ts';
import { apart } from '../support/golden.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { hostOf, sceneOf, vector } from '../support/synthesis.ts';

interface Packed {
  readonly shape: number[];
  readonly data: number[];
}
interface Recorded {
  readonly count: number;
  readonly mean: number[];
  readonly covariance: number[];
}
interface Groups {
  readonly all: Recorded;
  readonly byClass: Recorded[];
}
interface Golden {
  readonly weights: readonly [Packed, Packed];
  readonly layers: Readonly<Record<string, Groups>>;
  readonly pair: Groups;
  readonly cases: {
    readonly options: { readonly match: string };
    readonly inputs: Readonly<Record<string, Packed>>;
    readonly value: number;
    readonly gradient: number[];
  }[];
}

const golden = JSON.parse(readFileSync(new URL('../fixtures/golden/metadata.json', import.meta.url), 'utf8')) as Golden;

const momentsOf = ({ count, mean, covariance }: Recorded): Moments => ({
  count,
  mean: Float32Array.from(mean),
  std: Float32Array.from(mean, (_, i) => Math.sqrt(covariance[i * (mean.length + 1)]!)),
  covariance: Float32Array.from(covariance),
});
const grouped = ({ all, byClass }: Groups): GroupedMoments => ({ all: momentsOf(all), byClass: byClass.map(momentsOf) });

const statistics: Metadata = {
  teacher: 'small',
  data: 'draws',
  classes: ['a', 'b', 'c'],
  classesFrom: 'labels',
  atLeast: 2,
  leftOut: 0,
  layers: Object.entries(golden.layers).map(([tap, groups]) => ({
    tap,
    shape: [groups.all.mean.length],
    nonNegative: tap !== 'logits',
    ...grouped(groups),
  })),
  pairs: [{ taps: ['hidden.0', 'logits'], ...grouped(golden.pair) }],
};

/** The loss of some options on a scene with the small teacher, and what it is fed. */
async function lossOf(input: object, of: Metadata | null = statistics, batchSize = 4) {
  const made = hostOf({ batchSize, example: vector(6), outputs: 3 });
  const view = made.graph.input('view', { dtype: 'float32', shape: [batchSize, 6] });
  const [w0, w1] = golden.weights.map(({ shape, data }) => made.graph.constant(tensor('float32', shape, data)));
  const teacher = (x: Value) => {
    const hidden = relu(matmul(x, w0!));
    return { 'hidden.0': hidden, logits: matmul(hidden, w1!) };
  };
  const options = metadata.options.parse({ kind: 'metadata', ...input });
  const value = await metadata.loss(options, sceneOf(view, teacher, { metadata: of ?? undefined }), made.host);
  return { ...made, view, value };
}

describe('the metadata prior', () => {
  it.each(golden.cases)('$options is as in PyTorch', async ({ options, inputs, value, gradient }) => {
    const made = await lossOf(options);
    const [slope] = grad(made.value, [made.view]);
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, data }]) => [name, tensor('float32', shape, data)]),
    );
    for (const [name, of] of made.values) expect(feeds[name]!.shape).toEqual(of.shape);
    const found = await evaluate({ value: made.value, slope: slope! }, feeds);
    expect(made.value.shape).toEqual([]);
    expect(apart(numbers(found.value!), [value])).toBeLessThan(1e-5);
    expect(apart(numbers(found.slope!), gradient)).toBeLessThan(2e-5);
  });

  it('draws layers of one class for an example, clipped where ReLUs clip', async () => {
    const { feed } = await lossOf({ match: 'all' }, statistics, 3000);
    const { shape, data } = feed('targets');
    expect(shape).toEqual([3000, 8]);
    const column = (i: number): number[] => Array.from(data as Float32Array).filter((_, at) => at % 8 === i);
    for (let i = 0; i < 5; i++) expect(Math.min(...column(i))).toBe(0);
    const mean = column(7).reduce((a, b) => a + b, 0) / 3000;
    expect(Math.abs(mean - statistics.layers[1]!.all.mean[2]!)).toBeLessThan(0.05 * statistics.layers[1]!.all.std[2]! * 3);
    expect(Array.from(feed('targets', 1).data as Float32Array)).not.toEqual(Array.from(data as Float32Array));
  });

  it('masks a share of the units, but none of the logits, and loses nothing in the mean', async () => {
    const { values, feed } = await lossOf({ match: 'all-dropout', keep: 0.25 });
    expect([...values.keys()].sort()).toEqual(['mask hidden.0', 'targets']);
    const squares = Array.from({ length: 400 }, (_, time) => numbers(feed('mask hidden.0', time)))
      .flat()
      .map((m) => m * m);
    expect(new Set(squares)).toEqual(new Set([0, 4]));
    expect(squares.reduce((a, b) => a + b, 0) / squares.length).toBeCloseTo(1, 0);
  });

  it('taps what it compares', () => {
    const offered = new Map([
      ['hidden.0', [5]],
      ['conv', [9]],
      ['logits', [3]],
    ] as const);
    const taps = (input: object) => metadata.taps!(metadata.options.parse({ kind: 'metadata', ...input }), offered);
    expect(taps({})).toEqual([]);
    expect(taps({ match: 'all' })).toEqual(['hidden.0']);
    expect(taps({ match: 'spectral', layers: ['conv', 'logits'] })).toEqual(['conv']);
  });
});

describe('statistics that do not do are told of', () => {
  const [hidden, logits] = statistics.layers;
  const bare = (of: Moments): Moments => ({ ...of, covariance: null });
  it.each([
    ['none', {}, null, /found no statistics of the teacher; .*potstill collect recipe\.yaml .*--per-class/],
    [
      'not by class',
      {},
      { ...statistics, layers: statistics.layers.map((l) => ({ ...l, byClass: [] })) },
      /--per-class, or set perClass: false/,
    ],
    ['no pairs', { match: 'spectral-pairs' }, { ...statistics, pairs: [] }, /expected pairs of layers of the teacher .*--pairs/],
    [
      'no covariance',
      { match: 'spectral' },
      { ...statistics, layers: statistics.layers.map((l) => ({ ...l, all: bare(l.all) })) },
      /of hidden\.0, logits; expected layers with a covariance/,
    ],
    ['no such layer', { match: 'all', layers: ['conv'] }, statistics, /expected conv for match: all/],
    ['no logits', {}, { ...statistics, layers: [hidden!] }, /of hidden\.0; expected the logits/],
    [
      'another teacher',
      {},
      {
        ...statistics,
        layers: [
          { ...hidden!, tap: 'logits' },
          { ...logits!, tap: 'hidden.0' },
        ],
      },
      /of logits are of 5 numbers, and the teacher 'teacher' gives 3; expected statistics of this teacher/,
    ],
  ])('%s', async (_, options, of, message) => {
    const error = await lossOf(options, of as Metadata | null).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SynthesisError);
    expect(String(error)).toMatch(message);
  });
});
