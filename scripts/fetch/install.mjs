// A public set in its folder: downloaded, unpacked, nothing half done.

import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { download, FetchError } from './download.mjs';

/**
 * Brings a set into `folder`. Files that are there and right are kept; a file appears only when it is whole.
 * @param {import('./sets.mjs').PublicSet} set
 * @param {string} folder
 * @param {import('./download.mjs').Options & { say?: (line: string) => void }} [options]
 */
export async function install(set, folder, { say = () => {}, ...options } = {}) {
  if (set.unpack === null) {
    for (const wanted of set.downloads) say(`${wanted.name}: ${await download(wanted, join(folder, wanted.name), options)}`);
    return;
  }
  if (await allThere(folder, set.files)) {
    say('kept');
    return;
  }
  const [wanted] = set.downloads;
  const archive = join(folder, '.download', wanted.name);
  say(`${wanted.name}: ${await download(wanted, archive, options)}`);
  for (const [name, content] of unpacked(set.unpack, await readFile(archive), wanted.urls[0])) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, content);
    await rename(`${path}.part`, path);
    say(`${name}: unpacked`);
  }
  await rm(join(folder, '.download'), { recursive: true, force: true });
}

/**
 * @param {NonNullable<import('./sets.mjs').PublicSet['unpack']>} unpack
 * @param {Buffer} archive
 * @param {string} url
 */
function unpacked(unpack, archive, url) {
  try {
    return unpack(archive);
  } catch (error) {
    throw new FetchError(
      `${url}: ${error instanceof Error ? error.message : error}; the publisher may have changed the file`,
      true,
    );
  }
}

/**
 * @param {string} folder
 * @param {readonly string[]} files
 */
async function allThere(folder, files) {
  for (const name of files) {
    const there = await access(join(folder, name)).then(
      () => true,
      () => false,
    );
    if (!there) return false;
  }
  return true;
}
