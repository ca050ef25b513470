import { describe, expect, test } from 'vitest';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { conv } from '../../src/ops/conv.ts';
import { tanh } from '../../src/ops/elementwise.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { changedView } from '../../src/synthesis/priors/changed-view.ts';
import { contrast, ownPartner } from '../../src/synthesis/priors/contrast.ts';
import { earlierRounds } from '../../src/synthesis/priors/earlier-rounds.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { hostOf, picture, sceneOf, vector } from '../support/synthesis.ts';
import { goldenPrior } from './golden-networks.ts';
import { text } from './text-host.ts';

describe('contrast', () => {
  goldenPrior('contrast', (input, host, options) => {
    const kernel = input('kernel');
    const embed = (x: Value): Value => tanh(x.rank === 4 ? conv(x, kernel) : matmul(x, kernel));
    return contrast.loss(
      contrast.options.parse({ kind: 'contrast', memory: 6, ...options }),
      sceneOf(input('view'), (view) => ({ embedding: embed(view) })),
      host,
    );
  });

  test('where nothing tells examples apart, each costs log n of those that are there', async () => {
    const graph = new Graph();
    const rows = graph.constant(tensor('float32', [4, 2], [1, 0, 1, 0, 1, 0, 1, 0]));
    const there = graph.constant(tensor('float32', [4], [1, 1, 1, 0]));
    const { loss } = await evaluate({ loss: ownPartner(rows, rows, there, 0.1) });
    for (const value of numbers(loss!).slice(0, 3)) expect(value).toBeCloseTo(Math.log(3), 5);
  });

  test('where examples are opposites, it costs next to nothing', async () => {
    const graph = new Graph();
    const rows = graph.constant(tensor('float32', [2, 2], [1, 0, -1, 0]));
    const { loss } = await evaluate({ loss: ownPartner(rows, rows, graph.constant(tensor('float32', [2], [1, 1])), 0.1) });
    expect(Math.max(...numbers(loss!))).toBeLessThan(1e-5);
  });

  test('a teacher without the features, and texts, are told what else would do', async () => {
    const options = contrast.options.parse({ kind: 'contrast', taps: ['embedding', 'hidden.9'] });
    expect(contrast.taps!(options, new Map())).toEqual(['embedding', 'hidden.9']);
    const { graph, host } = hostOf({ batchSize: 2, example: picture(1, 8, 8) });
    const view = graph.input('view', { dtype: 'float32', shape: [2, 1, 8, 8] });
    const scene = sceneOf(view, (x) => ({ embedding: x }));
    await expect(contrast.loss(options, scene, host)).rejects.toThrow(/no 'hidden.9'; expected roles/);
    const texts = hostOf({ batchSize: 2, example: { layout: 'tokens', shape: [2, 4], text } });
    await expect(contrast.loss(options, scene, texts.host)).rejects.toThrow(/found texts/);
  });
});

describe('a changed view', () => {
  const options = contrast.options.parse({ kind: 'contrast' });
  const changed = async (shape: [number, number, number], changes: object, pixels?: number[]): Promise<number[]> => {
    const { graph, host, feeds } = hostOf({ batchSize: 1, example: picture(...shape) });
    const size = shape[0] * shape[1] * shape[2];
    const view = graph.constant(tensor('float32', [1, ...shape], pixels ?? Array.from({ length: size }, (_, i) => i + 1)));
    const y = changedView.image(view, { ...options, ...changes }, host);
    return numbers((await evaluate({ y }, feeds())).y!);
  };

  test('nothing changes where nothing may', async () => {
    expect(await changed([2, 3, 2], { crop: 1, flip: false })).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });

  test('crops lie within the picture, and some are mirrored', async () => {
    const { host, graph, feed } = hostOf({ batchSize: 500, example: picture(1, 9, 5) });
    const view = graph.input('view', { dtype: 'float32', shape: [500, 1, 9, 5] });
    changedView.image(view, options, host);
    const { data } = feed('places');
    let mirrored = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [down, top, across, left] = [...(data as Float32Array).subarray(i, i + 4)] as [number, number, number, number];
      for (const [start, end, last] of [
        [top, top + 8 * down, 8],
        [left, left + 4 * across, 4],
      ] as const) {
        expect(Math.min(start, end)).toBeGreaterThan(-1e-4);
        expect(Math.max(start, end)).toBeLessThan(last + 1e-4);
      }
      expect(down * down).toBeGreaterThan(0.2499);
      expect(Math.abs(across)).toBeCloseTo(down, 6);
      mirrored += Number(across < 0);
    }
    expect(mirrored).toBeGreaterThan(200);
    expect(mirrored).toBeLessThan(300);
  });

  test('what is moved in from outside is black', async () => {
    const moved = await changed([1, 4, 4], { crop: 1, flip: false, shift: 3 }, Array<number>(16).fill(1));
    expect(Math.min(...moved)).toBeLessThan(0.5);
    expect(Math.max(...moved)).toBeLessThanOrEqual(1);
  });

  test('vectors get noise in their own deviations', async () => {
    const spreads = { mean: [0, 0], std: [1, 100] };
    const { graph, host, feeds } = hostOf({ batchSize: 400, example: vector(2), spreads });
    const view = graph.constant(tensor('float32', [400, 2], Array<number>(800).fill(0)));
    const y = numbers((await evaluate({ y: changedView.vector(view, { ...options, noise: 0.5 }, host) }, feeds())).y!);
    const deviation = (column: number): number =>
      Math.sqrt(y.filter((_, i) => i % 2 === column).reduce((s, v) => s + (v * v) / 400, 0));
    expect(deviation(0)).toBeCloseTo(0.5, 0);
    expect(deviation(1) / deviation(0)).toBeCloseTo(100, -2);
  });
});

test('of each round the last step is remembered, latest first', async () => {
  const { host, updates, graph, feeds } = hostOf({ batchSize: 2, example: vector(1) });
  const now = graph.input('now', { dtype: 'float32', shape: [2, 1] });
  const { features, there } = earlierRounds([now], 3, host);
  let state = feeds();
  const seen: number[][] = [];
  for (const [round, value] of [
    [1, 10],
    [1, 20],
    [2, 30],
    [2, 40],
    [3, 50],
  ] as const) {
    const found = await evaluate(
      { features: features[0]!, there, ...Object.fromEntries([...updates].map(([name, v]) => [`next ${name}`, v])) },
      { ...state, round: tensor('float32', [1], [round / 10]), now: tensor('float32', [2, 1], [value, value + 1]) },
    );
    seen.push([...numbers(found.features!), ...numbers(found.there!)]);
    state = Object.fromEntries([...updates.keys()].map((name) => [name, found[`next ${name}`]!]));
  }
  expect(seen).toEqual([
    [0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0],
    [20, 21, 0, 1, 1, 0],
    [20, 21, 0, 1, 1, 0],
    [40, 41, 20, 1, 1, 1],
  ]);
});
