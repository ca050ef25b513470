import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { datasetInfo, HubApiError, listFiles, modelInfo } from '@huggingface/hub';
import { fileError } from '../bytes.ts';
import { DataError } from '../error.ts';
import { downloadTo, type HubFile } from './download.ts';
import { hubFailure } from './failure.ts';
import type { HubOptions } from './options.ts';
import { type HubReference, hubName, isSafePath } from './reference.ts';

/** A repository at one commit: what it holds, and the folder that its files come to. */
export interface HubRepository {
  readonly reference: HubReference;
  readonly folder: string;
  readonly files: readonly HubFile[];
  /** Brings files into `folder`, those that are not there yet. */
  fetch(paths: readonly string[]): Promise<void>;
}

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * Finds the commit that a revision means now and what is in it. Without a network the commit of the last time counts. Throws
 * `DataError`.
 */
export async function openRepository(reference: HubReference, options: HubOptions): Promise<HubRepository> {
  if (options.token !== undefined && !options.token.startsWith('hf_')) {
    throw new DataError({
      where: hubName(reference),
      found: 'a token that does not begin with hf_',
      expected: 'an access token of Hugging Face',
      fix: 'copy it anew from https://huggingface.co/settings/tokens into HF_TOKEN, or set none',
    });
  }
  const root = join(options.cache, `${reference.type}s--${reference.name.replaceAll('/', '--')}`);
  const ref = join(root, 'refs', reference.revision);
  const known = COMMIT.test(reference.revision) ? reference.revision : await readText(ref);
  let commit: string;
  try {
    commit = await commitOf(reference, known, options);
  } catch (error) {
    const isRefusal = error instanceof DataError || (error instanceof HubApiError && error.statusCode < 500);
    if (known === null || isRefusal) throw hubFailure(error, reference, options);
    commit = known;
  }
  if (commit !== known && !COMMIT.test(reference.revision)) await writeWhole(ref, commit);
  const folder = join(root, 'snapshots', commit);
  const listing = join(root, 'listings', `${commit}.json`);
  const files = (await readListing(listing)) ?? (await list(reference, commit, options, folder, listing));
  return {
    reference,
    folder,
    files,
    async fetch(paths) {
      for (const path of paths) {
        const file = files.find((f) => f.path === path);
        if (!file) throw new Error(`internal: ${path} is not in ${hubName(reference)}`);
        const target = join(folder, ...path.split('/'));
        if (options.offline || file.size < 0) await mustBeThere(target, file, reference, options);
        else await downloadTo(target, file, commit, reference, options);
      }
    },
  };
}

const request = ({ endpoint, token }: HubOptions): { hubUrl?: string; accessToken?: string } => ({
  ...(endpoint !== undefined && { hubUrl: endpoint }),
  ...(token !== undefined && { accessToken: token }),
});

/** What the Hub says of a repository: its commit. */
const information: Readonly<
  Record<HubReference['type'], (of: { name: string; revision: string } & ReturnType<typeof request>) => Promise<{ sha: unknown }>>
> = {
  model: (of) => modelInfo({ ...of, additionalFields: ['sha'] }),
  dataset: (of) => datasetInfo({ ...of, additionalFields: ['sha'] }),
};

async function commitOf(reference: HubReference, known: string | null, options: HubOptions): Promise<string> {
  if (known === reference.revision) return known;
  if (options.offline) {
    if (known !== null) return known;
    throw notCached(reference, options);
  }
  const { name, revision } = reference;
  const { sha } = await information[reference.type]({ name, revision, ...request(options) });
  if (typeof sha === 'string' && COMMIT.test(sha)) return sha;
  throw new DataError(
    { where: hubName(reference), found: `the Hub gives the commit '${String(sha)}'`, expected: '40 hexadecimal digits' },
    'environment',
  );
}

const notCached = (reference: HubReference, { cache }: HubOptions, what = ''): DataError =>
  new DataError(
    {
      where: hubName(reference) + what,
      found: 'no network (offline was asked for) and not in the cache',
      expected: `it in ${cache}`,
      fix: 'run it once with a connection, or copy the files to this machine and name their folder',
    },
    'environment',
  );

async function mustBeThere(target: string, file: HubFile, reference: HubReference, options: HubOptions): Promise<void> {
  const size = await stat(target).then(
    (s) => s.size,
    () => null,
  );
  if (size === null || (file.size >= 0 && size !== file.size)) throw notCached(reference, options, `, ${file.path}`);
}

/** What a commit holds, from the Hub; kept, since a commit does not change. Without a network: what is on this machine, of unknown size (−1). */
async function list(
  reference: HubReference,
  commit: string,
  options: HubOptions,
  folder: string,
  listing: string,
): Promise<readonly HubFile[]> {
  const files: HubFile[] = [];
  try {
    if (options.offline) throw notCached(reference, options);
    const repo = { type: reference.type, name: reference.name };
    for await (const { type, path, size, oid, lfs } of listFiles({
      repo,
      recursive: true,
      revision: commit,
      ...request(options),
    })) {
      if (type !== 'file') continue;
      if (!isSafePath(path)) {
        throw new DataError({
          where: hubName(reference),
          found: `a file called '${path}'`,
          expected: 'paths inside the repository',
        });
      }
      files.push({ path, size: lfs?.size ?? size, hash: lfs?.oid ?? oid ?? '' });
    }
  } catch (error) {
    const here = error instanceof HubApiError ? [] : await localFiles(folder);
    if (here.length > 0) return here;
    throw hubFailure(error, reference, options);
  }
  await writeWhole(listing, JSON.stringify(files));
  return files;
}

async function localFiles(folder: string): Promise<readonly HubFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.endsWith('.incomplete'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .map((path) => ({ path, size: -1, hash: '' }));
}

const readText = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').then(
    (text) => (COMMIT.test(text.trim()) ? text.trim() : null),
    () => null,
  );

async function readListing(path: string): Promise<readonly HubFile[] | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as readonly HubFile[];
  } catch {
    return null;
  }
}

/** Writes a small file so that nobody sees a half of it. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.incomplete`, text);
  await rename(`${path}.incomplete`, path).catch((error: NodeJS.ErrnoException) => {
    // Another process has just given the same text its name.
    if (error.code !== 'ENOENT') throw fileError(path, error);
  });
}
