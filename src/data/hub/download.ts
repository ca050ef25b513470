import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { downloadFile } from '@huggingface/hub';
import { fileError } from '../bytes.ts';
import { DataError } from '../error.ts';
import { hubFailure, reason } from './failure.ts';
import type { HubOptions } from './options.ts';
import { type HubReference, hubName } from './reference.ts';

/** One file of a repository as the Hub lists it. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** SHA-256 of a large file, or the git hash (SHA-1) of a small one; empty where it is not known. */
  readonly hash: string;
}

/** Connections that may break one after another without a byte of progress. */
const MOST_FAILURES = 3;

const sizeOf = (path: string): Promise<number | null> =>
  stat(path).then(
    (s) => s.size,
    () => null,
  );

/**
 * Brings a file of a commit to `target`, unless it is there. It grows under the name `target.incomplete`, from where a later call
 * goes on after a broken connection, and gets its name when size and hash are right. Throws `DataError`.
 */
export async function downloadTo(
  target: string,
  file: HubFile,
  commit: string,
  reference: HubReference,
  options: HubOptions,
): Promise<void> {
  if ((await sizeOf(target)) === file.size) return;
  const growing = `${target}.incomplete`;
  const name = `${hubName(reference)}, ${file.path}`;
  try {
    await mkdir(dirname(target), { recursive: true });
    const out = await open(growing, 'a').then((created) => created.close().then(() => open(growing, 'r+')));
    try {
      let done = (await out.stat()).size;
      if (done > file.size) done = await empty(out);
      let farthest = done;
      for (let failures = 0; done < file.size; ) {
        const broken = await append(out, done, file, commit, reference, options);
        done = (await out.stat()).size;
        if (done > file.size) done = await empty(out);
        failures = done > farthest ? 1 : failures + 1;
        farthest = Math.max(farthest, done);
        if (broken === null || failures < MOST_FAILURES) continue;
        if (done === 0) throw hubFailure(broken, reference, options, `, ${file.path}`);
        throw broken instanceof DataError ? broken : connectionBroke(name, done, file.size, broken);
      }
      await out.sync();
    } finally {
      await out.close();
    }
    const hash = await hashOf(growing, file);
    if (file.hash !== '' && hash !== file.hash) {
      await rm(growing, { force: true });
      throw new DataError(
        {
          where: name,
          found: `a file with the hash ${hash}`,
          expected: file.hash,
          fix: 'run it again: the file is fetched anew',
        },
        'environment',
      );
    }
    await rename(growing, target);
  } catch (error) {
    // Another process may have brought the same file meanwhile.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && (await sizeOf(target)) === file.size) return;
    throw error instanceof DataError ? error : fileError(target, error);
  }
}

const empty = async (out: FileHandle): Promise<number> => {
  await out.truncate(0);
  return 0;
};

const connectionBroke = (where: string, done: number, total: number, error: unknown): DataError =>
  new DataError(
    {
      where,
      found: `the connection broke after ${done} of ${total} bytes (${reason(error)})`,
      expected: 'the whole file',
      fix: 'run it again: what has been fetched is kept, and it goes on from there',
    },
    'environment',
    error,
  );

/** Asks for the bytes from `start` on and writes what comes; gives the error that ended it, null at the end of the file. */
async function append(
  out: FileHandle,
  start: number,
  file: HubFile,
  commit: string,
  reference: HubReference,
  options: HubOptions,
): Promise<unknown> {
  const { endpoint: hubUrl, token: accessToken, onProgress } = options;
  let at = start;
  let anew = false;
  /** A server that knows no ranges sends the file from its start, which must not land in the middle. */
  const checked: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    const range = new Headers(request[1]?.headers).get('range') ?? '';
    anew ||= response.status === 200 && /^bytes=[1-9]/.test(range);
    if (!anew) return response;
    await response.body?.cancel();
    throw new Error('the server cannot send a part of a file');
  };
  let reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  try {
    const blob = await downloadFile({
      repo: { type: reference.type, name: reference.name },
      path: file.path,
      revision: commit,
      fetch: checked,
      ...(hubUrl !== undefined && { hubUrl }),
      ...(accessToken !== undefined && { accessToken }),
    });
    if (blob?.size !== file.size) {
      throw new DataError(
        {
          where: `${hubName(reference)}, ${file.path}`,
          found: blob ? `the Hub offers ${blob.size} bytes` : 'the Hub does not have the file',
          expected: `${file.size} bytes, as it lists`,
          fix: 'run it again later',
        },
        'environment',
      );
    }
    reader = (start === 0 ? blob : blob.slice(start, file.size)).stream().getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return at < file.size ? new Error('it ended too early') : null;
      await out.write(value, 0, value.length, at);
      at += value.length;
      if (at > file.size) throw new Error('the server sent more bytes than the file has');
      onProgress?.({ repository: hubName(reference), path: file.path, done: at, total: file.size });
    }
  } catch (error) {
    await reader?.cancel().catch(() => {});
    if (anew || at > file.size) await empty(out);
    const code = (error as NodeJS.ErrnoException).syscall;
    if (code === 'write' || code === 'ftruncate') throw error;
    const isAnswer = error instanceof DataError || typeof (error as { statusCode?: unknown }).statusCode === 'number';
    return isAnswer ? hubFailure(error, reference, options, `, ${file.path}`) : error;
  }
}

/** The hash of a file in the manner of the one that is known: 64 digits are SHA-256, 40 are git's. */
async function hashOf(path: string, { size, hash }: HubFile): Promise<string> {
  const digest = createHash(hash.length === 64 ? 'sha256' : 'sha1');
  if (hash.length === 40) digest.update(`blob ${size}\0`);
  if (hash !== '') for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  return digest.digest('hex');
}
