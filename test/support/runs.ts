import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { parsePlan } from '../../src/programs/parse.ts';
import { type ProgramRecord, runProgram } from '../../src/programs/run.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { StoppedError } from '../../src/run/error.ts';
import type { RunEvent } from '../../src/run/events.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { runRecipe } from '../../src/run/run.ts';
import type { RunOptions } from '../../src/run/workplace.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import type { Runtime } from '../../src/runtime/port.ts';

/** Milliseconds for which a model is timed: nobody looks at how fast it is. */
export const quick = 20;

/** A place for runs that is gone after the tests of the file, with an engine of one thread and a cache of its own. */
export function placeForRuns(name: string) {
  const root = mkdtempSync(join(tmpdir(), `potstill-${name}-`));
  let runtime: Runtime;
  let folders = 0;
  beforeAll(() => {
    process.env.XDG_CACHE_HOME = join(root, 'cache');
    runtime = ortNode({ threads: 1 });
  });
  afterAll(async () => {
    await runtime.close();
    rmSync(root, { recursive: true, force: true });
  });
  const folder = (): string => join(root, `run-${folders++}`);
  const start = (input: object, options: Partial<RunOptions> = {}): Promise<RunRecord> =>
    runRecipe(parseRecipe(input), { directory: folder(), runtime, milliseconds: quick, ...options });
  /** The same for a recipe with a program. */
  const startProgram = (input: object, options: Partial<RunOptions> = {}): Promise<ProgramRecord> =>
    runProgram(parsePlan(input), { directory: folder(), runtime, milliseconds: quick, ...options });
  /** Runs until it is done, stopping after some calls of the engine each time; returns how often it was stopped. */
  const stopping =
    (begin: (input: object, options: Partial<RunOptions>) => Promise<unknown>) =>
    async (input: object, directory: string, callsEach = 2): Promise<number> => {
      for (let stops = 0; ; stops++) {
        const control = new AbortController();
        let calls = 0;
        const emit = (e: RunEvent): void => {
          if (e.type === 'steps' && ++calls === callsEach) control.abort();
        };
        try {
          await begin(input, { directory, resume: stops > 0, signal: control.signal, emit });
          return stops;
        } catch (error) {
          if (!(error instanceof StoppedError)) throw error;
        }
      }
    };
  return {
    root,
    folder,
    engine: (): Runtime => runtime,
    /** Runs a recipe in a folder of its own. */
    start,
    startProgram,
    interrupted: stopping(start),
    interruptedProgram: stopping(startProgram),
  };
}

/** All files under a folder whose name fits, by path, as base64: what has to be equal whatever happened on the way. */
export const bytesUnder = (directory: string, names: RegExp): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (readdirSync(directory, { recursive: true }) as string[])
      .filter((path) => names.test(path))
      .sort()
      .map((path) => [path, readFileSync(join(directory, path)).toString('base64')]),
  );
