import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { parseRecipe } from '../../src/recipe/parse.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { type RunOptions, runRecipe } from '../../src/run/run.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import type { Runtime } from '../../src/runtime/port.ts';

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
  return {
    root,
    folder,
    engine: (): Runtime => runtime,
    /** Runs a recipe in a folder of its own. */
    start: (input: object, options: Partial<RunOptions> = {}): Promise<RunRecord> =>
      runRecipe(parseRecipe(input), { directory: folder(), runtime, ...options }),
  };
}
