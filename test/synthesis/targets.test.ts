import { describe, expect, test } from 'vitest';
import { dirichlet } from '../../src/data/dirichlet.ts';
import { random } from '../../src/data/random.ts';
import { tensor } from '../../src/graph/type.ts';
import { classSimilarity } from '../../src/synthesis/priors/class-similarity.ts';
import { targets } from '../../src/synthesis/priors/targets.ts';
import { hostOf, picture, sceneOf } from '../support/synthesis.ts';
import { goldenPrior } from './golden-networks.ts';

const layer = tensor('float32', [3, 2], [1, 0, 0.6, 0.8, -2, 0]);
const facts = { name: 'teacher', statistics: [], lastLayer: layer };

describe('targets', () => {
  goldenPrior('targets', (input, host, options) => {
    const logits = input('logits');
    return targets.loss(
      targets.options.parse({ kind: 'targets', similarity: 'none', ...options }),
      sceneOf(logits, () => ({ logits })),
      host,
    );
  });

  const drawn = (options: object, batchSize: number, classes: number, time = 0): number[][] => {
    const { graph, host, feed } = hostOf({ batchSize, example: picture(1, 4, 4), outputs: classes });
    const logits = graph.input('logits', { dtype: 'float32', shape: [batchSize, classes] });
    void targets.loss(
      targets.options.parse({ kind: 'targets', ...options }),
      sceneOf(logits, () => ({ logits }), { facts }),
      host,
    );
    const { data } = feed('targets', time);
    const width = classes + 1;
    return Array.from({ length: batchSize }, (_, i) => [...(data as Float32Array).subarray(i * width, (i + 1) * width)]);
  };

  test.each([{ similarity: 'weights' }, { similarity: 'none' }])(
    '%o: each class is drawn as often, and shares sum to 1',
    (options) => {
      const rows = drawn(options, 600, 3);
      for (const row of rows) expect(row.slice(0, 3).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      for (const k of [0, 1, 2]) expect(rows.filter((row) => row[3] === k)).toHaveLength(200);
      const share = rows.reduce((sum, row) => sum + row[row[3]!]!, 0) / rows.length;
      expect(share).toBeGreaterThan(0.6);
    },
  );

  test('a class comes with those that are like it, and more so for a large β', () => {
    const [like, unlike, own] = [1, 2, 0].map((k) => {
      const rows = drawn({ scales: [1] }, 3000, 3).filter((row) => row[3] === 0);
      return rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length;
    });
    // Cosines 1, 0.6 and −1 are 1, 0.8 and 0 as concentrations.
    expect(own).toBeCloseTo(1 / 1.8, 1);
    expect(like).toBeCloseTo(0.8 / 1.8, 1);
    expect(unlike).toBeLessThan(0.01);
    const largest = (scales: number[]): number => {
      const rows = drawn({ scales }, 300, 3);
      return rows.reduce((sum, row) => sum + Math.max(...row.slice(0, 3)), 0) / rows.length;
    };
    expect(largest([0.1])).toBeGreaterThan(largest([1]) + 0.1);
  });

  test('half of a batch is drawn with each β, whatever the number of classes', () => {
    const sharp = (classes: number): number => {
      const rows = drawn({ similarity: 'none', scales: [1e-6, 1e3] }, 40, classes);
      return rows.filter((row) => Math.max(...row.slice(0, classes)) > 0.9).length;
    };
    expect([sharp(2), sharp(5), sharp(10)]).toEqual([20, 20, 20]);
  });

  test('rounds draw anew and begin at other classes', () => {
    const starts = Array.from({ length: 20 }, (_, round) => round).map((round) => drawn({}, 2, 3, round)[0]![3]);
    expect(new Set(starts).size).toBe(3);
    expect(drawn({}, 2, 3, 4)).toEqual(drawn({}, 2, 3, 4));
  });

  test('a teacher without a last layer is told what else would do', () => {
    const { graph, host } = hostOf({ batchSize: 2, example: picture(1, 4, 4) });
    const logits = graph.input('logits', { dtype: 'float32', shape: [2, 10] });
    const ask = (options: object) => () =>
      targets.loss(
        targets.options.parse({ kind: 'targets', ...options }),
        sceneOf(logits, () => ({ logits })),
        host,
      );
    expect(ask({})).toThrow(/^targets: the teacher 'teacher' has no last layer .*; expected .*; set `similarity: none`/);
    expect(ask({ similarity: 'none' })).not.toThrow();
  });
});

describe('similarity of classes', () => {
  test('cosines of rows, each row from 0 to 1', () => {
    const rows = classSimilarity(layer);
    expect(rows[0]!.map((v) => Number(v.toFixed(5)))).toEqual([1, 0.8, 0]);
    expect(rows[2]!.map((v) => Number(v.toFixed(5)))).toEqual([0, Number((0.4 / 2).toFixed(5)), 1]);
  });

  test('where all classes are alike, all concentrations are equal', () => {
    expect(classSimilarity(tensor('float32', [2, 1], [1, 3]))).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(classSimilarity(tensor('float32', [2, 2], [0, 0, 1, 0]))[0]).toEqual([1, 0]);
  });
});

describe('dirichlet', () => {
  test('shares sum to 1, and their means are those of the concentrations', () => {
    const concentrations = [0.3, 2, 0.05, 5];
    const draws = random(3, 'dirichlet');
    const means = [0, 0, 0, 0];
    const second = [0, 0, 0, 0];
    const n = 6000;
    for (let i = 0; i < n; i++) {
      const shares = dirichlet(concentrations, draws);
      expect(Math.abs(shares.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
      shares.forEach((s, k) => {
        means[k]! += s / n;
        second[k]! += (s * s) / n;
      });
    }
    const total = concentrations.reduce((a, b) => a + b);
    concentrations.forEach((c, k) => {
      expect(Math.abs(means[k]! - c / total)).toBeLessThan(0.01);
      const variance = (c * (total - c)) / (total * total * (total + 1));
      expect(second[k]! - means[k]! ** 2).toBeCloseTo(variance, 2);
    });
  });

  test('who is not open gets nothing, and tiny concentrations stay numbers', () => {
    expect(dirichlet([1, 1, 1], random(1, 'd'), [true, false, true])[1]).toBe(0);
    const shares = dirichlet([1e-4, 1e-4, 1e-4], random(2, 'd'));
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(Math.max(...shares)).toBeGreaterThan(0.99);
  });
});
