import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { keptScreen, potstill } from './stand-in.ts';

const root = mkdtempSync(join(tmpdir(), 'potstill-interrupt-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const recipe = join(root, 'recipe.yaml');
writeFileSync(
  recipe,
  'data: { kind: spirals, size: 300 }\nstudent: { model: { kind: mlp } }\ntraining: { epochs: 2000, batchSize: 16 }\n',
);

/** Runs the recipe and asks it to stop, so many times, as soon as it has begun to train. */
async function stopped(times: number, out: string) {
  const left: number[] = [];
  let listening = false;
  let listener = (): void => {};
  let asked = false;
  const kept = keptScreen();
  const stderr = new Writable({
    write(chunk, _, done) {
      kept.write(chunk);
      if (!asked && /epoch 1\//.test(String(chunk))) {
        asked = true;
        for (let i = 0; i < times; i++) listener();
      }
      done();
    },
  });
  const { code, stdout } = await potstill(['run', recipe, '--out', join(root, out), '--threads', '1'], {
    stderr,
    onInterrupt(given) {
      listener = given;
      listening = true;
      return () => {
        listening = false;
      };
    },
    leave: (status) => void left.push(status),
  });
  return { code, stdout, stderr: kept.text(), left, listening };
}

describe('Ctrl-C', () => {
  it('saves and says how to go on', async () => {
    const { code, stdout, stderr, left, listening } = await stopped(1, 'one');
    expect({ code, stdout, left, listening }).toEqual({ code: 130, stdout: '', left: [], listening: false });
    expect(stderr).toMatch(/Saving; press Ctrl-C again to leave at once\./);
    expect(stderr).toMatch(/Go on with:\n {2}potstill run .*recipe\.yaml --out .*one --threads 1 --resume\n$/);
  });

  it('leaves at once the second time', async () => {
    expect((await stopped(2, 'two')).left).toEqual([130]);
  });
});
