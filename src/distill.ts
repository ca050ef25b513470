import { join } from 'node:path';
import { type Plan, type PlanInput, parsePlan } from './programs/parse.ts';
import { readProgram } from './programs/read.ts';
import type { ProgramResults } from './programs/record.ts';
import { runProgram } from './programs/run.ts';
import { parseRecipe } from './recipe/parse.ts';
import type { Recipe, RecipeInput } from './recipe/recipe.ts';
import { renderProgram } from './report/program/render.ts';
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
  const { directory = runFolder(parsed.name), ...rest } = options;
  return withEngine(parsed, rest, async (runtime) => {
    const record = await runRecipe(parsed, { ...rest, directory, runtime });
    await writeWhole(join(directory, 'report.html'), renderReport(record));
    return { ...record, directory };
  });
}

/** What a program leaves, and where. */
export interface DistilledProgram {
  readonly results: ProgramResults;
  readonly directory: string;
}

/**
 * Runs a recipe with a `program` from beginning to end: all its runs with their reports, `results.json` and `report.html`.
 * @throws RecipeError with every problem of the recipe, or where it names no program; what `runProgram` throws.
 */
export async function distillProgram(plan: PlanInput | Plan, options: DistillOptions = {}): Promise<DistilledProgram> {
  const parsed = 'recipe' in plan ? plan : parsePlan(plan);
  const { directory = runFolder(parsed.recipe.name), ...rest } = options;
  return withEngine(parsed.recipe, rest, async (runtime) => {
    const { results, recipe, pictures } = await runProgram(parsed, {
      ...rest,
      directory,
      runtime,
      onPart: (record, folder) => writeWhole(join(folder, 'report.html'), renderReport(record)),
    });
    await writeWhole(join(directory, 'report.html'), renderProgram(results, recipe, pictures));
    return { results, directory };
  });
}

/** Works with the engine that was given, or with one that is closed at the end. */
async function withEngine<T>(recipe: Recipe, { runtime }: DistillOptions, work: (runtime: Runtime) => Promise<T>): Promise<T> {
  if (runtime) return work(runtime);
  const { provider, threads } = recipe.runtime;
  const engine = ortNode({ provider, ...(threads !== undefined && { threads }) });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** Writes `report.html` of a finished run or program again, from the files of its folder. */
export async function writeReport(directory: string): Promise<string> {
  const path = join(directory, 'report.html');
  const program = await readProgram(directory);
  await writeWhole(
    path,
    program ? renderProgram(program.results, program.recipe, program.pictures) : renderReport(await readRecord(directory)),
  );
  return path;
}
