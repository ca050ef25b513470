import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';

const bin = new URL('../../dist/cli/bin.js', import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), 'potstill-kill-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const recipe = `
name: killed
data: { kind: spirals, size: 900 }
teacher:
  kind: train
  model: { kind: mlp, hidden: [48, 48] }
  training: { epochs: 6, batchSize: 16 }
student: { model: { kind: mlp, hidden: [8], norm: batch } }
training: { epochs: 8, batchSize: 16 }
runtime: { threads: 1 }
`;
const file = join(root, 'recipe.yaml');
writeFileSync(file, recipe);

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly text: string;
}

/** Runs the command line; `during` may send signals. */
async function run(
  directory: string,
  flags: readonly string[],
  during?: (send: (s: NodeJS.Signals) => void) => Promise<void>,
): Promise<Ended> {
  const child = spawn(process.execPath, [bin, 'run', file, '--out', directory, ...flags], {
    env: { ...process.env, XDG_CACHE_HOME: join(root, 'cache') },
  });
  let text = '';
  child.stdout.on('data', (d: Buffer) => (text += d.toString()));
  child.stderr.on('data', (d: Buffer) => (text += d.toString()));
  const ended = new Promise<Ended>((resolve) => child.on('exit', (code, signal) => resolve({ code, signal, text })));
  await during?.((s) => child.kill(s));
  return ended;
}

const leftBy = (directory: string) => ({
  student: readFileSync(join(directory, 'student/onnx/model.onnx')).toString('base64'),
  metrics: readFileSync(join(directory, 'metrics.jsonl'), 'utf8'),
  weights: readdirSync(join(directory, 'checkpoints')).map((job) =>
    readFileSync(join(directory, 'checkpoints', job, 'done/weights.safetensors')).toString('base64'),
  ),
});

/** Waits until the run is under way: its checkpoints folder has appeared. */
const underWay = async (directory: string): Promise<void> => {
  while (!existsSync(join(directory, 'checkpoints'))) await wait(5);
};

describe.skipIf(!existsSync(bin))('a run that is killed', () => {
  const whole = join(root, 'whole');

  it('comes to the same bytes, wherever kill -9 hit it', { timeout: 120_000 }, async () => {
    expect((await run(whole, [])).code).toBe(0);
    const killed = join(root, 'killed');
    let kills = 0;
    let ended: Ended;
    do {
      ended = await run(killed, existsSync(join(killed, 'recipe.yaml')) ? ['--resume'] : [], async (send) => {
        if (kills >= 6) return;
        await underWay(killed);
        await wait(35 * kills);
        send('SIGKILL');
      });
      if (ended.signal === 'SIGKILL') kills++;
    } while (ended.signal === 'SIGKILL');
    expect(ended.text).not.toMatch(/internal:/);
    expect(ended.code).toBe(0);
    expect(kills).toBeGreaterThan(2);
    expect(leftBy(killed)).toEqual(leftBy(whole));
    expect(readdirSync(killed, { recursive: true }).filter((n) => String(n).endsWith('.tmp'))).toEqual([]);
  });

  it('saves and leaves at Ctrl-C, and says how to go on', { timeout: 60_000 }, async () => {
    const stopped = join(root, 'stopped');
    let asked = 0;
    const { code, text } = await run(stopped, [], async (send) => {
      await underWay(stopped);
      asked = Date.now();
      send('SIGINT');
    });
    expect(Date.now() - asked).toBeLessThan(10_000);
    expect(code).toBe(130);
    expect(text).toContain('--resume');
    expect((await run(stopped, ['--resume'])).code).toBe(0);
    expect(leftBy(stopped)).toEqual(leftBy(whole));
  });
});
