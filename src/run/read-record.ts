import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError, fileError, readJson } from './files.ts';
import type { Details, HistoryRow, Results, RunRecord } from './record.ts';

/**
 * What a finished run left in its folder.
 * @throws FileError where it is not a run, or not a finished one.
 */
export async function readRecord(directory: string): Promise<RunRecord> {
  const results = await readResults(directory);
  const details = await versioned<Details>(join(directory, 'details.json'));
  return {
    results,
    details,
    history: rows(await text(join(directory, 'metrics.jsonl'))),
    recipe: await text(join(directory, 'recipe.yaml')),
    student: (await bytes(join(directory, 'student', 'onnx', 'model.onnx'))).toString('base64'),
  };
}

/** Only `results.json`. */
export async function readResults(directory: string): Promise<Results> {
  const path = join(directory, 'results.json');
  if (!existsSync(path)) {
    const unfinished = existsSync(join(directory, 'recipe.yaml'));
    throw new FileError(
      unfinished
        ? `${directory}: found a run without results.json; expected a finished one; finish it with \`potstill run … --resume\``
        : `${directory}: found no results.json; expected the folder of a finished run, such as runs/demo`,
      'user',
    );
  }
  return versioned<Results>(path);
}

async function versioned<T extends { readonly version: number }>(path: string): Promise<T> {
  const value = await readJson<T>(path);
  if (value?.version !== 1) {
    const found = value === undefined ? 'no such file' : `version ${value?.version}`;
    throw new FileError(
      `${path}: found ${found}; expected version 1; make the run again or use the Potstill that wrote it`,
      'user',
    );
  }
  return value;
}

function rows(lines: string): readonly HistoryRow[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => {
      try {
        return JSON.parse(line) as HistoryRow;
      } catch {
        throw new FileError(`metrics.jsonl, line ${i + 1}: found no JSON; expected one measurement a line`, 'user');
      }
    });
}

async function bytes(path: string): Promise<Buffer> {
  if (!existsSync(path)) throw new FileError(`${path}: no such file; expected what a finished run leaves there`, 'user');
  return readFile(path).catch((error: unknown) => {
    throw fileError(path, error);
  });
}

const text = async (path: string): Promise<string> => (await bytes(path)).toString('utf8');
