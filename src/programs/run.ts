import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { stringify } from 'yaml';
import { openData } from '../data/sources.ts';
import type { Splits } from '../data/split.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { toJson } from '../run/files.ts';
import { readRecord } from '../run/read-record.ts';
import type { RunRecord } from '../run/record.ts';
import { runRecipe } from '../run/run.ts';
import { memo } from '../run/specs.ts';
import { version } from '../run/version.ts';
import { refuseWithoutExamples } from '../run/without-examples.ts';
import { machine, openWorkplace, type RunOptions } from '../run/workplace.ts';
import type { Workshop } from './define.ts';
import { openFolder } from './folder.ts';
import { programOf } from './list.ts';
import type { Plan } from './parse.ts';
import { type Pictures, picturesOf } from './pictures.ts';
import type { ProgramPart, ProgramResults } from './record.ts';

export interface ProgramRunOptions extends Omit<RunOptions, 'openData'> {
  /** Called with every run that is done, such as to write its report. */
  readonly onPart?: (record: RunRecord, directory: string) => Promise<void>;
}

/** Milliseconds for each measurement of speed of what nobody deploys. */
const brief = 50;

/** What a program leaves, and the recipe it was made by. */
export interface ProgramRecord {
  readonly results: ProgramResults;
  readonly recipe: string;
  readonly pictures: Pictures;
}

/**
 * Runs a program: its parts one after another, each whole before the next. Interrupted anywhere, it goes on with `resume` to the same
 * weights.
 * @throws what `runRecipe` throws.
 */
export async function runProgram({ program, recipe }: Plan, options: ProgramRunOptions): Promise<ProgramRecord> {
  const { directory, runtime, emit = () => {}, onPart = async () => {} } = options;
  const { dataFolder: base = '.', hub, supplied } = options;
  const entry = programOf(program!);
  const text = stringify({ program, ...recipe });
  const folder = await openFolder(directory, { recipe: text, resume: options.resume ?? false, force: options.force ?? false });
  const began = performance.now();
  const before = await folder.seconds();
  const parts: ProgramPart[] = [];
  const notes: string[] = [];
  const opened = memo((key: string) =>
    openData(JSON.parse(key) as Recipe['data'], { folder: base, hub, ...(supplied && { supplied }) }),
  );
  const open = async (data: Recipe['data']): Promise<Splits> => {
    const splits = await opened(JSON.stringify(data));
    if (!entry.withoutExamples) refuseWithoutExamples(splits);
    return splits;
  };
  const partOptions = (name: string): RunOptions => ({
    ...options,
    directory: folder.part(name),
    resume: existsSync(join(folder.part(name), 'recipe.yaml')),
    force: false,
    openData: open,
  });
  const workshop: Workshop = {
    recipe,
    async run(name, part, { delivers = false, start } = {}) {
      const finished = existsSync(join(folder.part(name), 'results.json'));
      const lighter = delivers ? part.export : ({ int8: false, fp16: false } as const);
      const named = { ...part, export: lighter, name: `${recipe.name}/${name}` };
      const record = finished
        ? await readRecord(folder.part(name))
        : await runRecipe(named, {
            ...partOptions(name),
            start,
            ...(!delivers && { milliseconds: Math.min(brief, options.milliseconds ?? brief) }),
          });
      if (!finished) await onPart(record, folder.part(name));
      parts.push({ name, path: `parts/${name}`, sentence: record.results.verdict.sentence });
      return record;
    },
    at: (name) => relative(base, folder.part(name)),
    open: (name, part) =>
      openWorkplace(
        { ...part, name: `${recipe.name}/${name}` },
        { ...partOptions(name), withoutExamples: entry.withoutExamples },
      ),
    remember: (name, make) => folder.remember(name, make),
    keepPicture: (name, png) => folder.keepPicture(name, png),
    note(said) {
      if (notes.includes(said)) return;
      notes.push(said);
      emit({ type: 'note', text: said });
    },
    progress: (what, done, total) => emit({ type: 'progress', what, done, total }),
    openData: open,
    options: { ...options, openData: open },
  };
  try {
    const findings = await entry.run(program as never, workshop);
    const { train, validation, test, name } = await open(recipe.data);
    const results: ProgramResults = {
      version: 1,
      potstill: version,
      program: entry.kind,
      name: recipe.name,
      ...findings,
      notes,
      parts,
      data: { name, train: train.size, validation: validation.size, test: test.size },
      environment: {
        ...machine(),
        onnxruntime: runtime.version,
        threads: runtime.threads,
        provider: runtime.provider,
      },
      seconds: before + (performance.now() - began) / 1000,
    };
    await folder.write('results.json', toJson(results));
    return { results, recipe: text, pictures: await picturesOf(directory, results) };
  } finally {
    await folder.keepSeconds(before + (performance.now() - began) / 1000);
  }
}
