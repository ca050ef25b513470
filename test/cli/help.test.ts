import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
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

  it('says its version', async () => {
    expect((await potstill(['--version'])).stdout).toBe(`${version}\n`);
  });
});
