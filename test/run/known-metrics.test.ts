import { describe, expect, it } from 'vitest';
import { metricWords } from '../../src/cli/render/words.ts';
import { compare, told, unitOf } from '../../src/programs/findings.ts';
import { metricOf } from '../../src/report/metrics.ts';
import { factsOf, isShare } from '../../src/run/known-metrics.ts';
import { spreadOf, verdict } from '../../src/run/verdict.ts';
import { classification } from '../report/records.ts';

const metrics = [
  'accuracy',
  'f1',
  'precision',
  'recall',
  'ece',
  'agreement',
  'nll',
  'brier',
  'klToTeacher',
  'rmse',
  'r2',
  'cosine',
];
const { results } = classification();

describe('a metric is told alike', () => {
  it.each(metrics)('everywhere: %s', (name) => {
    const share = isShare(name);
    const headline = { name, higherIsBetter: factsOf(name).higherIsBetter! };
    const [a, b] = [spreadOf([0.91, 0.92]), spreadOf([0.81, 0.83])];
    expect(unitOf(name)).toBe(share ? 'percent' : 'number');
    for (const text of [metricWords(name, 0.912), told(name, 0.912)]) {
      expect(text).toMatch(share ? /^91\.20 %$/ : /^0\.912/);
    }
    expect(metricOf(results, name).axis.endsWith(', %')).toBe(share);
    for (const text of [compare(headline, a, b).words, verdict(headline, b, a, true).sentence]) {
      expect(text).toMatch(share ? /\+9\.50 points/ : /\+0\.095/);
    }
  });

  it('with words that fit a sentence', () => {
    const said = (name: string): string =>
      verdict({ name, higherIsBetter: true }, spreadOf([0.8]), spreadOf([0.9]), true).sentence;
    expect(said('accuracy')).toMatch(/^\+10\.00 points of accuracy against/);
    expect(said('f1')).toMatch(/^\+10\.00 points of F1 against/);
    expect(said('rmse')).toMatch(/^\+0\.100 of rmse against/);
  });

  it('and one that nobody knows by its own name', () => {
    expect(factsOf('constructor')).toMatchObject({ label: 'constructor', higherIsBetter: null, share: false });
  });
});
