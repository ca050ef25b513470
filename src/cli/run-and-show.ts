import { type DistillOptions, distill, distillProgram, runFolder } from '../distill.ts';
import type { Plan } from '../programs/parse.ts';
import { exit } from './faults.ts';
import { hubOf } from './hub.ts';
import { type Io, line } from './io.ts';
import { flag, text } from './option.ts';
import { barDisplay } from './render/bar.ts';
import type { Display } from './render/display.ts';
import { jsonDisplay } from './render/json-lines.ts';
import { linesDisplay } from './render/lines.ts';
import { renderProgramResults } from './render/program.ts';
import { renderResults } from './render/results.ts';

/** Options of everything that runs a recipe. */
export const runOptions = {
  out: text('folder', 'Where the run is written', { fallback: 'runs/<name>', short: 'o' }),
  resume: flag('Go on with the unfinished run in that folder'),
  force: flag('Replace the run in that folder'),
  json: flag('Print what happens as JSON, one event a line, and nothing else'),
  quiet: flag('Print only the result', { short: 'q' }),
} as const;

interface Asked {
  readonly out: string | undefined;
  readonly resume: boolean;
  readonly force: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/**
 * Runs a recipe and shows how it goes; the first Ctrl-C saves and stops, the second leaves at once.
 * @param again The command line that goes on with the run.
 */
export async function runAndShow(plan: Plan, asked: Asked, again: readonly string[], io: Io): Promise<number> {
  const directory = asked.out ?? runFolder(plan.recipe.name);
  const stopping = new AbortController();
  const display = displayFor(asked, io);
  const release = io.onInterrupt(() => {
    if (stopping.signal.aborted) return io.leave(exit.stopped);
    stopping.abort();
    line(io.stderr, '\nSaving; press Ctrl-C again to leave at once.');
  });
  try {
    const { resume, force } = asked;
    const words = await carriedOut(plan, {
      directory,
      resume,
      force,
      signal: stopping.signal,
      emit: display.emit,
      hub: hubOf(io, asked.quiet || asked.json),
    });
    display.close();
    if (!asked.json) io.stdout.write(words);
    return exit.good;
  } catch (error) {
    display.close();
    if ((error as { readonly fault?: unknown }).fault !== 'stopped') throw error;
    if (asked.json) line(io.stdout, JSON.stringify({ type: 'stopped', directory }));
    line(io.stderr, `Stopped. All that was done is in ${directory}. Go on with:\n  ${shellWords(withResume(again))}`);
    return exit.stopped;
  } finally {
    release();
  }
}

/** Runs the recipe, or its program, and says what came of it. */
async function carriedOut(plan: Plan, options: DistillOptions & { readonly directory: string }): Promise<string> {
  if (plan.program) return renderProgramResults((await distillProgram(plan, options)).results, options.directory);
  return renderResults((await distill(plan.recipe, options)).results, options.directory);
}

function displayFor({ json, quiet }: Asked, { stdout, stderr, clock }: Io): Display {
  if (json) return jsonDisplay(stdout);
  if (quiet) return { emit: () => {}, close: () => {} };
  return stderr.isTTY ? barDisplay(stderr, clock) : linesDisplay((words) => line(stderr, words), clock);
}

const withResume = (argv: readonly string[]): readonly string[] => [
  ...argv.filter((word) => word !== '--force' && word !== '--resume'),
  '--resume',
];

/** A command line that a shell reads as it was. */
const shellWords = (argv: readonly string[]): string =>
  ['potstill', ...argv].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
