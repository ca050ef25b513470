import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { explain } from '../../src/cli/faults.ts';
import { DataError } from '../../src/data/error.ts';
import { RecipeError } from '../../src/recipe/error.ts';
import { StoppedError } from '../../src/run/error.ts';
import { FileError } from '../../src/run/files.ts';
import { RuntimeError } from '../../src/runtime/port.ts';
import { potstill } from './stand-in.ts';

const root = mkdtempSync(join(tmpdir(), 'potstill-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
};
const good = file('good.yaml', 'data: { kind: spirals, size: 100 }\nstudent: { model: { kind: mlp } }\n');

/** What goes wrong, the exit code, and what the message has to say. */
const wrong: readonly (readonly [words: readonly string[], code: number, says: RegExp])[] = [
  [['runn', 'x.yaml'], 2, /unknown command 'runn'; did you mean 'run'\?/],
  [['--verion'], 2, /unknown option '--verion'/],
  [['run'], 2, /recipe\.yaml is missing/],
  [['run', good, 'more'], 2, /unexpected 'more'/],
  [['run', good, '--epochs', '3'], 2, /unknown option --epochs/],
  [['run', good, '--resum'], 2, /did you mean --resume\?/],
  [['run', good, '--out'], 2, /--out: found nothing after it; expected <folder>/],
  [['run', good, '--out', '--quiet'], 2, /--out: found '--quiet'; expected <folder>/],
  [['run', good, '--json=yes'], 2, /--json: found the value 'yes'; expected none/],
  [['run', good, '--seeds', 'many'], 2, /--seeds: found 'many'; expected a whole number of at least 1/],
  [['run', good, '--threads', '0'], 2, /--threads: found '0'/],
  [['run', good, '--provider', 'cuba'], 2, /--provider: found 'cuba'; expected cpu, webgpu, cuda; did you mean cuda\?/],
  [['run', good, '--set', 'epochs'], 2, /--set: found 'epochs'; expected path=value/],
  [['run', good, '--set', 'training.epocs=3'], 2, /training\.epocs: unknown key; did you mean `epochs`/],
  [['run', join(root, 'none.yaml')], 2, /none\.yaml: no such file; expected a recipe/],
  [['run', root], 2, /found a folder; expected a recipe file/],
  [['run', file('broken.yaml', 'data: { kind: [')], 2, /broken\.yaml: /],
  [['run', good, '--out', join(good, 'below')], 3, /a part of the path is a file/],
  [['inspect', join(root, 'none.onnx')], 2, /none\.onnx: no such file; expected an ONNX model/],
  [['inspect', good], 2, /expected an ONNX file/],
  [['inspect', good, '--size', 'sequence'], 2, /--size: found 'sequence'; expected name=number/],
  [['profile', good], 2, /expected an ONNX file/],
  [['evaluate', good], 2, /--recipe is missing/],
  [['evaluate', root], 2, /found no results\.json; expected the folder of a finished run/],
  [['report', root], 2, /found no results\.json/],
  [['export', root], 2, /found no results\.json/],
  [['methods', 'kdd'], 2, /did you mean kd/],
];

describe('exit codes', () => {
  it.each(wrong)('%j', async (words, expected, says) => {
    const { code, stdout, stderr } = await potstill(words);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });

  it('names every problem of a recipe, and gives programs the list', async () => {
    const path = file(
      'three.yaml',
      'data: { kind: spirals, size: -1 }\nstudent: { model: { kind: mlp, hiden: [3] } }\nseeds: 0\n',
    );
    const { code, stdout, stderr } = await potstill(['run', path, '--json']);
    const error = JSON.parse(stdout);
    expect(code).toBe(2);
    expect(error).toMatchObject({ type: 'error', fault: 'user', code: 2 });
    expect(error.issues.map((i: { path: string }) => i.path)).toEqual(['data.size', 'student.model.hiden', 'seeds']);
    expect(stderr.trim().split('\n')).toHaveLength(3);
  });

  it('tells programs also about a command line that makes no sense', async () => {
    const { code, stdout } = await potstill(['inspect', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'error',
      code: 2,
      message: expect.stringContaining('model.onnx is missing'),
    });
  });

  it.each([
    [new RecipeError([{ path: 'a', message: 'b' }]), 'user', 2],
    [new DataError({ where: 'a', found: 'b', expected: 'c' }), 'user', 2],
    [new DataError({ where: 'a', found: 'b', expected: 'c' }, 'environment'), 'environment', 3],
    [new FileError('disk', 'environment'), 'environment', 3],
    [new RuntimeError('engine'), 'environment', 3],
    [Object.assign(new Error('connect'), { syscall: 'connect', code: 'ECONNREFUSED' }), 'environment', 3],
    [new StoppedError('runs/x'), 'stopped', 130],
    [new TypeError('x is not a function'), 'internal', 70],
    [new Error('internal: a case that cannot be'), 'internal', 70],
    ['a text', 'internal', 70],
  ] as const)('%s: %s, %i', (error, fault, code) => {
    expect(explain(error)).toMatchObject({ fault, code });
  });

  it('shows the stack of a defect and of nothing else', () => {
    const ours = explain(new TypeError('x is not a function')).text;
    expect(ours).toMatch(/^internal: x is not a function\n\s+at /);
    expect(ours).toMatch(/please report it/);
    expect(explain(new FileError('disk', 'environment')).text).toBe('error: disk');
  });
});
