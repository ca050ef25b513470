import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestBias, brokenLabels, labelsOf, mistakesWith, placesWithout, relabelled } from '../../bench/teachers/changed.mjs';
import { teachersPage } from '../../scripts/docs/teachers.mjs';
import { imageDataset } from '../../src/data/dataset.ts';

const labels = Int32Array.from([0, 5, 6, 9, 9, 2]);
const broken = [5, 6, 7, 8, 9];

describe('wrong labels', () => {
  it('at random: another class, and the other classes as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 8 }), { minLength: 4, maxLength: 4 }), (draws) => {
        const left = [...draws];
        const found = brokenLabels(labels, broken, 10, 'random', () => left.shift()!);
        expect([found[0], found[5]]).toEqual([0, 2]);
        for (const i of [1, 2, 3, 4]) {
          expect(found[i]).not.toBe(labels[i]);
          expect(found[i]! >= 0 && found[i]! < 10).toBe(true);
        }
      }),
    );
  });

  it('at random: every other class can come', () => {
    const nines = new Int32Array(9).fill(9);
    let next = 0;
    expect([...brokenLabels(nines, broken, 10, 'random', () => next++)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('alike: the next broken class, round again at the end', () => {
    expect([...brokenLabels(labels, broken, 10, 'alike', () => 0)]).toEqual([0, 6, 7, 5, 5, 2]);
  });

  it('are what the set gives, as class and as target', () => {
    const bytes = Uint8Array.from([10, 20]);
    const dataset = imageDataset({ name: 'two', shape: [1, 1, 1], bytes, labels: [0, 1], classes: ['a', 'b', 'c'] });
    const changed = relabelled(dataset, Int32Array.from([2, 1]));
    const target = new Float32Array(4).fill(9);
    changed.target(0, target, 1);
    expect([...labelsOf(changed)]).toEqual([2, 1]);
    expect([...target]).toEqual([9, 0, 0, 1]);
    expect(dataset.label(0)).toBe(0);
  });
});

it('places without a class', () => {
  expect([...placesWithout(labels, 9)]).toEqual([0, 1, 2, 5]);
});

describe('a constant on one logit', () => {
  // Two threes that lose to another class by 1 and by 3, and a zero that is right by 2.
  const logits = { data: [1, 0, 0, 0, 0, 3, 0, 0, 2, 0, 0, 0], rows: 3, width: 4 };
  const three = Int32Array.from([3, 3, 0]);

  it('counts mistakes in all and in the class', () => {
    expect(mistakesWith(logits, three, 3, 0)).toEqual({ all: 2, own: 2 });
    expect(mistakesWith(logits, three, 3, 1.5)).toEqual({ all: 1, own: 1 });
    expect(mistakesWith(logits, three, 3, 3.5)).toEqual({ all: 1, own: 0 });
  });

  it('the best makes the fewest mistakes, and is the smallest of equals', () => {
    expect(bestBias(logits, three, 3, [0, 0.5, 1.5, 1.8, 3.5])).toBe(1.5);
  });
});

it('docs/teachers.md is what the committed results say', () => {
  const page = readFileSync(new URL('../../docs/teachers.md', import.meta.url), 'utf8');
  expect(teachersPage(page)).toBe(page);
});
