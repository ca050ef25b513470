import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/run/events.ts';
import type { Results } from '../../src/run/record.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(repository, 'dist/cli/bin.js');
const root = mkdtempSync(join(tmpdir(), 'potstill-e2e-'));
const env = { ...process.env, XDG_CACHE_HOME: join(root, 'cache') };

const recipe = `
name: tiny
data: { kind: glyphs, classes: 3, size: 600, pixels: 12, distortion: 0.5, noise: 0.3 }
teacher:
  kind: train
  model: { kind: mlp, hidden: [64] }
  training: { epochs: 3, batchSize: 32 }
student: { model: { kind: mlp, hidden: [8] } }
training: { epochs: 3, batchSize: 32 }
seeds: 2
`;

const deadline = 60_000;

function potstill(...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: deadline,
  });
  return { code: status, stdout, stderr };
}

const json = <T>(...path: readonly string[]): T => JSON.parse(readFileSync(join(root, ...path), 'utf8')) as T;

describe.skipIf(!existsSync(bin))('the built command line (npm run build)', () => {
  let run: ReturnType<typeof potstill>;
  beforeAll(() => {
    writeFileSync(join(root, 'tiny.yaml'), recipe);
    run = potstill('run', 'tiny.yaml', '--threads', '1');
  }, deadline);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('runs a recipe: lines on stderr, the verdict and the table on stdout', () => {
    expect(run.stderr).toMatch(/^Run 'tiny' in runs\/tiny$/m);
    expect(run.stderr).toMatch(/^distilled, seed 2: epoch 3\/3: loss [\d.]+ kd [\d.]+ labels [\d.]+, validation accuracy /m);
    expect(run.code).toBe(0);
    const { verdict } = json<Results>('runs/tiny/results.json');
    expect(run.stdout).toContain(verdict.sentence);
    for (const side of ['teacher', 'scratch', 'distilled'])
      expect(run.stdout).toMatch(new RegExp(`^${side} +\\d+\\.\\d\\d %`, 'm'));
  });

  it('leaves results, a report and a student', () => {
    const results = json<Results>('runs/tiny/results.json');
    expect(results.seeds).toEqual([1, 2]);
    expect(results.teacher!.metrics.accuracy!.mean).toBeGreaterThan(0.5);
    expect(results.distilled.cost.latencyMs.p50).toBeGreaterThan(0);
    expect(results.parity.maxAbsError).toBeLessThan(1e-4);
    expect(readFileSync(join(root, 'runs/tiny/report.html'), 'utf8')).toContain(results.verdict.sentence.split(' (')[0]!);
    expect(json('runs/tiny/student/config.json')).toMatchObject({ num_labels: 3, id2label: { 0: 'A', 1: 'B', 2: 'C' } });
    expect(json('runs/tiny/student/preprocessor_config.json')).toMatchObject({ size: { height: 12, width: 12 } });
  });

  it('measures the delivered file as the run did', () => {
    const { code, stdout } = potstill('evaluate', 'runs/tiny', '--json');
    expect(code).toBe(0);
    const { metrics } = JSON.parse(stdout) as { metrics: Record<string, number> };
    const { perSeed } = json<Results>('runs/tiny/results.json').distilled.metrics.accuracy!;
    expect(perSeed).toContain(metrics.accuracy);
  });

  it('profiles and inspects the delivered file', () => {
    const student = 'runs/tiny/student/onnx/model.onnx';
    const { cost } = json<Results>('runs/tiny/results.json').distilled;
    const profile = JSON.parse(potstill('profile', student, '--json', '--batch', '4').stdout);
    expect(profile).toMatchObject({ parameters: cost.parameters, macs: cost.macs, bytes: cost.bytes, throughput: { batch: 4 } });
    const inspection = JSON.parse(potstill('inspect', student, '--size', 'channels=1', '--json').stdout);
    expect(inspection).toMatchObject({
      inputs: [{ name: 'pixel_values', shape: ['N', 1, 12, 12] }],
      parameters: { total: cost.parameters },
    });
  });

  it('runs the code that the README of the student shows', () => {
    const { code, stdout } = potstill('export', 'runs/tiny', '--to', 'site/tiny');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('onnx/model.onnx') });
    const folder = join(root, 'site/tiny');
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    const [example] = readme.split('## onnxruntime-node')[1]!.match(/(?<=```js\n)[\s\S]*?(?=```)/)!;
    symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'junction');
    writeFileSync(join(folder, 'example.mjs'), `${example}\nconsole.log(JSON.stringify(probabilities));`);
    const shown = spawnSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(shown.stderr).toBe('');
    const probabilities = JSON.parse(shown.stdout) as number[];
    expect(probabilities).toHaveLength(3);
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  });

  it('writes the report again, to the same bytes', () => {
    const path = join(root, 'runs/tiny/report.html');
    const before = readFileSync(path, 'utf8');
    rmSync(path);
    expect(potstill('report', 'runs/tiny')).toMatchObject({ code: 0, stdout: 'runs/tiny/report.html\n' });
    expect(readFileSync(path, 'utf8') === before).toBe(true);
  });

  it('never overwrites a finished run unasked', () => {
    const before = readFileSync(join(root, 'runs/tiny/results.json'), 'utf8');
    const again = potstill('run', 'tiny.yaml', '--threads', '1');
    expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/there is a run already .*--force/) });
    expect(readFileSync(join(root, 'runs/tiny/results.json'), 'utf8')).toBe(before);
  });

  it('says nothing when its reader has gone', () => {
    const command = `"${process.execPath}" "${bin}" schema | head -c 1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { cwd: root, env, encoding: 'utf8', timeout: deadline });
    expect({ stdout, stderr }).toEqual({ stdout: '{', stderr: '' });
  });

  describe('when it is stopped', () => {
    const long = ['run', 'tiny.yaml', '--threads', '1', '--out', 'runs/long', '--set', 'training.epochs=5000', '--json'];
    const events = (text: string): readonly RunEvent[] =>
      text
        .split('\n')
        .filter((l) => l.trim() !== '')
        .map((l) => JSON.parse(l) as RunEvent);

    /** Sends a signal at the first steps of the student. */
    const interrupted = (words: readonly string[], signal: NodeJS.Signals) =>
      new Promise<{ code: number | null; signal: string | null; took: number; stdout: string; stderr: string }>((resolve) => {
        const child: ChildProcess = spawn(process.execPath, [bin, ...words], { cwd: root, env });
        let [stdout, stderr, asked] = ['', '', 0];
        child.stdout!.on('data', (text) => {
          stdout += text;
          if (asked > 0 || !/"type":"steps","role":"scratch"/.test(stdout)) return;
          asked = performance.now();
          child.kill(signal);
        });
        child.stderr!.on('data', (text) => {
          stderr += text;
        });
        child.on('close', (code, by) => resolve({ code, signal: by, took: performance.now() - asked, stdout, stderr }));
      });

    it(
      'saves, says how to go on, and goes on from there',
      async () => {
        const first = await interrupted(long, 'SIGINT');
        expect(first.code).toBe(130);
        // A second or two on a quiet machine.
        expect(first.took).toBeLessThan(5000);
        expect(first.stderr).toContain(
          'potstill run tiny.yaml --threads 1 --out runs/long --set training.epochs=5000 --json --resume',
        );
        expect(events(first.stdout).at(-1)).toEqual({ type: 'stopped', directory: 'runs/long' });
        const reached = events(first.stdout).findLast((e) => e.type === 'steps')!;

        const second = await interrupted([...long, '--resume'], 'SIGTERM');
        expect(second.code).toBe(130);
        const jobs = events(second.stdout).filter((e) => e.type === 'job');
        expect(jobs).toMatchObject([{ role: 'scratch', from: reached.step }]);
      },
      deadline,
    );
  });
});
