import { describe, expect, it } from 'vitest';
import { methods } from '../../src/methods/index.ts';
import { potstill } from './stand-in.ts';

describe('potstill methods', () => {
  it('lists everything that a recipe can name', async () => {
    const { stdout } = await potstill(['methods']);
    for (const topic of ['methods', 'models', 'optimizers', 'data', 'augmentations'])
      expect(stdout).toMatch(new RegExp(`^${topic}  `, 'm'));
    for (const { kind, summary } of methods) expect(stdout).toMatch(new RegExp(`^  ${kind} +${summary.slice(0, 20)}`, 'm'));
  });

  it('shows one entry with its options, paper and expectation', async () => {
    expect((await potstill(['methods', 'kd'])).stdout).toMatchSnapshot();
  });

  it('has words and options for every entry, also for programs', async () => {
    const all = JSON.parse((await potstill(['methods', '--json'])).stdout) as Record<string, { kind: string; summary: string }[]>;
    expect(Object.keys(all)).toEqual(['methods', 'models', 'optimizers', 'data', 'augmentations']);
    for (const entries of Object.values(all)) {
      expect(entries.length).toBeGreaterThan(3);
      for (const e of entries) expect(e).toMatchObject({ kind: expect.any(String), summary: expect.stringMatching(/[.…]$/) });
    }
    const models = JSON.parse((await potstill(['methods', 'models', '--json'])).stdout);
    expect(models).toEqual({ models: all.models });
  });
});
