import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Spread } from '../../src/run/record.ts';
import { placeForRuns } from '../support/runs.ts';

const { root, folder, startProgram } = placeForRuns('data-free-texts');

/** Texts whose class is the side that their words are of. */
const words = [
  ['bad', 'dull', 'war', 'end'],
  ['good', 'bright', 'love', 'story'],
];
const rows = Array.from({ length: 240 }, (_, i) => {
  const side = words[i % 2]!;
  return `${Array.from({ length: 3 + (i % 3) }, (_, k) => side[(i * (k + 2) + k * k + (i >> 3)) % 4]).join(' ')} n${i % 60}\t${i % 2}`;
});
writeFileSync(join(root, 'texts.tsv'), ['text\tlabel', ...rows].join('\n'));

const synthesis = {
  kind: 'custom',
  batchSize: 16,
  optimizer: { kind: 'adam', learningRate: 0.3 },
  priors: [{ kind: 'confident', target: 'random' }, { kind: 'peaked', weight: 0.5 }, { kind: 'balance' }],
};

/** Soft tokens, six to a text, from which the student learns in this way. */
const softTokens = (student: object | null) => ({
  ...synthesis,
  name: 'soft tokens',
  inputs: { kind: 'soft-tokens', length: 6 },
  rounds: 6,
  steps: 15,
  student,
  memory: 200,
});
const generated = {
  ...synthesis,
  name: 'generated',
  inputs: { kind: 'token-generator', length: 6, noise: 8, width: 16, gumbel: true, straight: true },
  priors: [...synthesis.priors, { kind: 'adversarial', weight: 0.1 }],
  optimizer: { kind: 'adam', learningRate: 0.01 },
  rounds: 20,
  steps: 1,
  student: { steps: 2 },
  memory: 64,
};

const recipe = (methods: readonly object[]) => ({
  name: 'texts',
  program: { kind: 'data-free', measurements: 2, methods },
  data: {
    kind: 'text',
    path: join(root, 'texts.tsv'),
    label: 'label',
    length: 10,
    tokenizer: { train: 'wordpiece', size: 120 },
  },
  teacher: {
    kind: 'train',
    model: { kind: 'bag', width: 16 },
    training: { epochs: 10, batchSize: 16, optimizer: { kind: 'adam', learningRate: 0.05 } },
  },
  student: { model: { kind: 'bag', width: 8 } },
  training: { epochs: 10, batchSize: 16, optimizer: { kind: 'adam', learningRate: 0.02 } },
});

describe('texts without the data', () => {
  it('are optimised or generated, and teach', async () => {
    const { results } = await startProgram(recipe([softTokens(null), generated]), { directory: folder() });
    const accuracy = (name: string): number => {
      const [cell] = results.tables[0]!.rows.find((row) => row.name === name)!.cells;
      return (cell as Spread | null)?.mean ?? Number.NaN;
    };
    expect(accuracy('soft tokens')).toBeGreaterThan(0.8);
    expect(accuracy('generated')).toBeGreaterThan(0);
    const [gallery] = results.galleries ?? [];
    expect(JSON.stringify(gallery ?? '')).toMatch(/good|bright|love|story/);
  }, 60_000);

  it('keep their size when the student sees them changed', async () => {
    const masked = softTokens({ steps: 2, from: 'memory', augment: [{ kind: 'mask-tokens' }] });
    await expect(startProgram(recipe([masked]), { directory: folder() })).rejects.toThrow(/soft tokens: .*adds rows/);
  });
});
