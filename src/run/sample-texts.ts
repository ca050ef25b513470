import { existsSync } from 'node:fs';
import { appendFile, readFile, rm } from 'node:fs/promises';
import type { Runtime } from '../runtime/port.ts';
import { FileError, writeWhole } from './files.ts';
import { openTextWriter, type TextSampling } from './text-writer.ts';

export interface SampleTextsOptions {
  readonly runtime: Runtime;
  /** Told after each block. */
  readonly progress?: (done: number, total: number) => void;
  /** Column of the texts; `text` unless told. */
  readonly column?: string;
  /** Columns beside it, all empty: of labels that data wants to see. */
  readonly empty?: readonly string[];
  readonly force?: boolean;
}

/**
 * Writes sampled texts to a file of JSON Lines as data of kind `text` reads it. Interrupted, it goes on from
 * what `<path>.unfinished` has when it is called again, to the same bytes.
 *
 * @throws FileError where the file is there already, unless forced; what `openTextWriter` throws.
 */
export async function sampleTexts(spec: TextSampling, size: number, path: string, options: SampleTextsOptions): Promise<void> {
  const { runtime, progress, column = 'text', empty = [], force = false } = options;
  if (existsSync(path) && !force) throw new FileError(`${path}: is there already; name another file, or use --force`, 'user');
  const unfinished = `${path}.unfinished`;
  const blocks = await begun(unfinished, JSON.stringify(spec));
  const writer = await openTextWriter(spec, runtime);
  try {
    for (let written = count(blocks); written < size; written = count(blocks)) {
      const texts = await writer.block(blocks.length);
      if (texts.length === 0) {
        throw new FileError(`${spec.model}: ends all texts before they begin; give prompts, or a higher temperature`, 'user');
      }
      await appendFile(unfinished, `${JSON.stringify(texts)}\n`);
      blocks.push(texts);
      progress?.(Math.min(size, count(blocks)), size);
    }
  } finally {
    await writer.release();
  }
  const others = Object.fromEntries(empty.map((name) => [name, '']));
  const texts = blocks.flat().slice(0, size);
  await writeWhole(path, texts.map((text) => `${JSON.stringify({ [column]: text, ...others })}\n`).join(''));
  await rm(unfinished, { force: true });
}

const count = (blocks: readonly (readonly string[])[]): number => blocks.reduce((n, texts) => n + texts.length, 0);

/** Whole blocks of a file whose first line is how they were made; other ones are forgotten. */
async function begun(path: string, spec: string): Promise<(readonly string[])[]> {
  const [first, ...lines] = existsSync(path) ? (await readFile(path, 'utf8')).split('\n') : [];
  // What follows the last line break was cut off.
  const whole = first === spec ? lines.slice(0, -1) : [];
  await writeWhole(path, [spec, ...whole, ''].join('\n'));
  return whole.map((line) => JSON.parse(line) as string[]);
}
