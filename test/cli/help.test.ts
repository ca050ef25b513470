import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { parseRecipeText } from '../../src/recipe/parse.ts';
import { version } from '../../src/run/version.ts';
import { potstill } from './stand-in.ts';

describe('help', () => {
  it('lists the commands, also when nothing was asked', async () => {
    const { code, stdout, stderr } = await potstill(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatchSnapshot();
    for (const words of [[], ['-h'], ['help']]) expect((await potstill(words)).stdout).toBe(stdout);
  });

  it.each(commands.map((c) => c.name))('explains %s', async (name) => {
    const { code, stdout } = await potstill([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot();
    expect((await potstill(['help', name])).stdout).toBe(stdout);
    expect((await potstill([name, '-h'])).stdout).toBe(stdout);
  });

  it('fits a terminal, but for lines that are meant to be copied', async () => {
    for (const { name } of commands) {
      const { stdout } = await potstill([name, '--help']);
      const long = stdout.split('\n').filter((l) => l.length > 92 && !l.startsWith('  '));
      expect(long).toEqual([]);
    }
  });

  it('shows a recipe that can be parsed', async () => {
    const { stdout } = await potstill(['run', '--help']);
    const [recipe] = stdout.match(/(?<=YAML or JSON:\n\n)( {2}.*\n)+/)!;
    expect(parseRecipeText(recipe).teacher).toMatchObject({ kind: 'onnx' });
  });

  it('says its version', async () => {
    expect((await potstill(['--version'])).stdout).toBe(`${version}\n`);
  });
});
