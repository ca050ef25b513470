import { join } from 'node:path';
import { parseRecipe } from './recipe/parse.ts';
import type { Recipe, RecipeInput } from './recipe/recipe.ts';
import { renderReport } from './report/render.ts';
import { writeWhole } from './run/files.ts';
import { readRecord } from './run/read-record.ts';
import type { RunRecord } from './run/record.ts';
import { runRecipe } from './run/run.ts';
import type { RunOptions } from './run/workplace.ts';
import { ortNode } from './runtime/ort-node.ts';
import type { Runtime } from './runtime/port.ts';

export interface DistillOptions extends Omit<RunOptions, 'directory' | 'runtime'> {
  /** Where everything is written; by default `runs/` and the name of the recipe. */
  readonly directory?: string;
  /** The engine; by default ONNX Runtime as the recipe's `runtime` says, closed at the end. */
  readonly runtime?: Runtime;
}

/** What a run leaves, and where. */
export interface Distilled extends RunRecord {
  readonly directory: string;
}

/** The folder of a run that was not told where to write. */
export const runFolder = (name: string): string =>
  join('runs', name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+/, '') || 'run');

/**
 * Runs a recipe from beginning to end: teacher, scratch control, student, `results.json`, `student/` and `report.html`.
 * @throws RecipeError with every problem of the recipe; what `runRecipe` throws.
 */
export async function distill(recipe: RecipeInput | Recipe, options: DistillOptions = {}): Promise<Distilled> {
  const parsed = parseRecipe(recipe);
  const { directory = runFolder(parsed.name), runtime, ...rest } = options;
  const { provider, threads } = parsed.runtime;
  const engine = runtime ?? ortNode({ provider, ...(threads !== undefined && { threads }) });
  try {
    const record = await runRecipe(parsed, { ...rest, directory, runtime: engine });
    await writeWhole(join(directory, 'report.html'), renderReport(record));
    return { ...record, directory };
  } finally {
    if (!runtime) await engine.close();
  }
}

/** Writes `report.html` of a finished run again, from the files of its folder. */
export async function writeReport(directory: string): Promise<string> {
  const path = join(directory, 'report.html');
  await writeWhole(path, renderReport(await readRecord(directory)));
  return path;
}
