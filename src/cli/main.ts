import { createRequire } from 'node:module';
import { nearest } from '../graph/nearest.ts';
import { parseInvocation } from './command.ts';
import { commands } from './commands.ts';
import { exit, explain } from './faults.ts';
import { renderHelp, renderOverview } from './help.ts';
import { type Io, line } from './io.ts';
import { UsageError } from './usage-error.ts';

/**
 * The command line.
 * @param argv The words after `potstill`.
 * @returns the exit code; nothing is thrown.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    const { fault, code, message, issues, text } = explain(error);
    if (asksForJson(argv)) line(io.stdout, JSON.stringify({ type: 'error', fault, code, message, issues }));
    line(io.stderr, text);
    return code;
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined || isHelp(first) || first === 'help') {
    const of = first === 'help' ? rest[0] : undefined;
    io.stdout.write(of === undefined ? renderOverview(commands) : renderHelp(await find(of)));
    return exit.good;
  }
  if (first === '--version' || first === '-v') {
    line(io.stdout, version());
    return exit.good;
  }
  const command = await find(first);
  const end = rest.indexOf('--');
  if (rest.slice(0, end < 0 ? rest.length : end).some(isHelp)) {
    io.stdout.write(renderHelp(command));
    return exit.good;
  }
  return command.run(parseInvocation(command, rest) as never, io);
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

/** Also where the rest of the command line makes no sense. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}

async function find(name: string): ReturnType<(typeof commands)[number]['load']> {
  const found = commands.find((c) => c.name === name);
  if (found) return found.load();
  const names = commands.map((c) => c.name);
  const what = name.startsWith('-') ? 'option' : 'command';
  throw new UsageError(
    `unknown ${what} '${name}'; did you mean '${nearest(name.replace(/^-+/, ''), names, 1)[0]}'? ('potstill --help' lists the commands)`,
  );
}

/** Version of the package. */
export function version(): string {
  return (createRequire(import.meta.url)('../../package.json') as { version: string }).version;
}
