import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { fileError, readBytes } from '../bytes.ts';
import { DataError } from '../error.ts';
import { type TokenizerJson, tokenizerJson } from './tokenizer-json.ts';
import { wordPieceJson } from './word-piece.ts';

/** What a tokenizer is made from. */
export interface TokenizerFiles {
  /** For messages: the file, or how it was made. */
  readonly where: string;
  readonly json: TokenizerJson;
  /** Content of tokenizer_config.json; names of special tokens from special_tokens_map.json are in it too. */
  readonly config: Readonly<Record<string, unknown>>;
}

const TOKENIZER = 'tokenizer.json';

/** A vocabulary of millions of pieces is some 100 MB. */
const MOST_BYTES = 2 ** 28;

async function readJson(path: string): Promise<unknown> {
  const text = (await readBytes(path, MOST_BYTES)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw new DataError({ where: path, found, expected: 'JSON', fix: 'fetch the file again' }, 'data', error);
  }
}

const record = z.record(z.string(), z.unknown());

/** An object in a file that may be missing. */
async function readOptional(path: string, names: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  if (!names.includes(basename(path))) return {};
  const parsed = record.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  throw new DataError({ where: path, found: 'no JSON object', expected: 'an object', fix: 'fetch the file again, or remove it' });
}

/** Checks what a tokenizer.json must have. Throws `DataError`. */
export function parseTokenizer(content: unknown, where: string): TokenizerJson {
  const parsed = tokenizerJson.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new DataError(
    parsed.error.issues.slice(0, 5).map(({ path, message }) => ({
      where: [where, ...path.slice(0, 4)].join(', '),
      found: message,
      expected: 'a tokenizer.json of Hugging Face’s tokenizers',
    })),
  );
}

/**
 * Reads a tokenizer from its folder, or from the path of its tokenizer.json; tokenizer_config.json and special_tokens_map.json
 * beside it are read where there are any, and a folder of BERT's first days may have a vocab.txt alone. Throws `DataError`.
 */
export async function readTokenizer(path: string): Promise<TokenizerFiles> {
  const isFolder = await stat(path).then(
    (s) => s.isDirectory(),
    (error) => {
      throw fileError(path, error);
    },
  );
  const folder = isFolder ? path : dirname(path);
  const names = await readdir(folder);
  const [map, own] = await Promise.all([
    readOptional(join(folder, 'special_tokens_map.json'), names),
    readOptional(join(folder, 'tokenizer_config.json'), names),
  ]);
  const config = { ...map, ...own };
  if (!isFolder || names.includes(TOKENIZER)) {
    const where = isFolder ? join(folder, TOKENIZER) : path;
    return { where, json: parseTokenizer(await readJson(where), where), config };
  }
  if (names.includes('vocab.txt')) {
    const where = join(folder, 'vocab.txt');
    const lines = (await readBytes(where, MOST_BYTES)).toString('utf8').split(/\r?\n/);
    const pieces = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
    return { where, json: wordPieceJson(pieces, config.do_lower_case !== false), config };
  }
  throw new DataError({
    where: path,
    found: names.length > 0 ? `no ${TOKENIZER} among ${names.slice(0, 12).join(', ')}` : 'an empty folder',
    expected: `a folder with a ${TOKENIZER}`,
    fix: 'name the folder that holds it; Python writes one with AutoTokenizer.from_pretrained(…).save_pretrained(…)',
  });
}
