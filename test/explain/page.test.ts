import { describe, expect, it } from 'vitest';
import { renderExplained } from '../../src/cli/render/explained.ts';
import type { Explanation } from '../../src/explain/knowledge.ts';
import { renderExplanation } from '../../src/report/explain/render.ts';
import { attack, cifar } from '../report/records.ts';
import { explanation } from './fixture.ts';

const many = Array.from({ length: 130 }, (_, i) => `class ${i}`);
const unlabelled = (): Explanation => {
  const { knowledge, ...rest } = explanation(cifar);
  return { ...rest, accuracy: null, ece: null, knowledge: { ...knowledge, labelled: 0, hardest: [], mislabelled: [] } };
};
const explanations: Readonly<Record<string, () => Explanation>> = {
  'ten classes': () => explanation(cifar),
  'forty classes': () => explanation(many.slice(0, 40)),
  'very many classes': () => explanation(many),
  unlabelled,
  hostile: () => explanation([attack, 'javascript:alert(3)', 'x'.repeat(400), ''], attack),
};

describe.each(Object.entries(explanations))('the page of %s', (_, build) => {
  const page = renderExplanation(build());

  it('is the same for the same explanation', () => expect(renderExplanation(build())).toBe(page));

  it('loads nothing, runs nothing and shows no broken number', () => {
    for (const [, target] of page.matchAll(/(?:src|href)="([^"]*)"/g)) expect(target).toMatch(/^(#|data:)/);
    expect(page).not.toMatch(/<script|<iframe| on\w+="|url\(|undefined|NaN|Infinity|\[object/);
  });

  it('names charts and tables for those who cannot see them, and every anchor once', () => {
    for (const svg of page.match(/<svg[^>]*>/g)!) expect(svg).toMatch(/aria-label="[^"]|aria-hidden="true"/);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('prints a summary without broken numbers', () => {
    expect(renderExplained(build(), 'runs/x')).not.toMatch(/undefined|NaN|Infinity|\[object/);
  });
});

describe('the page', () => {
  it('has a part for each thing the teacher knows', () => {
    const parts = [...renderExplanation(explanation(cifar)).matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    expect(parts).toEqual([
      'temperature',
      'neighbours',
      'entropy',
      'difficulty',
      'hardest',
      'ambiguous',
      'mislabelled',
      'calibration',
    ]);
  });

  it('leaves out what needs labels where there are none', () => {
    const parts = [...renderExplanation(unlabelled()).matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    expect(parts).toEqual(['temperature', 'neighbours', 'entropy', 'difficulty', 'ambiguous']);
  });

  it('says what looks like what, where to start, and why', () => {
    const whole = explanation(cifar);
    const page = renderExplanation(whole);
    expect(page).toContain(`Start distilling at T = ${whole.knowledge.advice.start}.`);
    expect(page).toMatch(/<b>airplane<\/b> looks like automobile \(\d+\.\d %\)/);
    expect(page).toContain('&lt; 0.1 %');
  });
});
