import { describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import { synthesisMethods } from '../../src/synthesis/methods/list.ts';
import { potstill } from './stand-in.ts';

const families = ['targets', 'responses', 'features', 'relations', 'attention', 'self'];
const parts = ['layer-maps', 'schedules', 'temperatures', 'weightings', 'teacher-weights', 'repairs'];
const topics = [
  ...families,
  ...parts,
  'models',
  'optimizers',
  'data',
  'augmentations',
  'programs',
  'data-free',
  'inputs',
  'priors',
];
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe('potstill methods', () => {
  it('lists everything that a recipe can name', async () => {
    const { stdout } = await potstill(['methods']);
    for (const topic of topics) expect(stdout).toMatch(new RegExp(`^${topic}  `, 'm'));
    for (const { kind, summary, paper, expect: expectation } of methods) {
      expect(stdout).toMatch(new RegExp(`^  ${kind} +${escaped(summary)}$`, 'm'));
      expect(stdout).toContain(paper);
      expect(stdout).toContain(`expect: ${expectation}`);
    }
  });

  it('shows one entry with its options, paper and expectation', async () => {
    expect((await potstill(['methods', 'kd'])).stdout).toMatchSnapshot();
  });

  it('shows what a method without the data is made of', async () => {
    expect((await potstill(['methods', 'zskt'])).stdout).toMatchSnapshot();
  });

  it('lists what has a name, and entries of that name in other lists', async () => {
    const { stdout } = await potstill(['methods', 'data-free']);
    expect(stdout).toContain('data-free  (programs; program: { kind: … })');
    for (const { kind, summary } of [...synthesisMethods, { kind: 'custom', summary: 'A way of your own' }]) {
      expect(stdout).toMatch(new RegExp(`^${kind}  \\(data-free; .*\n  ${escaped(summary)}`, 'm'));
    }
  });

  it('has words and options for every entry, also for programs', async () => {
    const all = JSON.parse((await potstill(['methods', '--json'])).stdout) as Record<string, { kind: string; summary: string }[]>;
    expect(Object.keys(all)).toEqual(topics);
    for (const entries of Object.values(all)) {
      expect(entries.length).toBeGreaterThan(1);
      for (const e of entries) expect(e).toMatchObject({ kind: expect.any(String), summary: expect.stringMatching(/[.…]$/) });
    }
    const models = JSON.parse((await potstill(['methods', 'models', '--json'])).stdout);
    expect(models).toEqual({ models: all.models });
  });
});
