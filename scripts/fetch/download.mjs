// One file over HTTP: resumed where it broke off, checked, and in its place only when it is whole.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * @typedef {object} Wanted
 * @property {readonly string[]} urls where the file is, the official place first
 * @property {{ algorithm: 'md5' | 'sha256', digest: string } | null} checksum as the publisher states it; null where none is stated
 */

/**
 * @typedef {object} Options
 * @property {number} [attempts] tries for each address before giving up
 * @property {number} [pause] milliseconds before the second try, doubled for each further one
 * @property {number} [stall] milliseconds without a byte after which a connection is given up
 * @property {(received: number, total: number | null) => void} [progress]
 */

/** A download that did not work, with a message for people. */
export class FetchError extends Error {
  /**
   * @param {string} message
   * @param {boolean} final whether another try would end the same way
   */
  constructor(message, final = false) {
    super(message);
    this.name = 'FetchError';
    this.final = final;
  }
}

/**
 * Brings a file to `path`. A file that is there already and has the right checksum (or none is known) is kept.
 * @param {Wanted} wanted
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<'kept' | 'fetched'>}
 */
export async function download(wanted, path, options = {}) {
  if (await isRight(path, wanted.checksum)) return 'kept';
  await mkdir(dirname(path), { recursive: true });
  const failures = [];
  for (const url of wanted.urls) {
    try {
      await fromOne(url, wanted.checksum, path, options);
      return 'fetched';
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      failures.push(error.message);
    }
  }
  throw new FetchError(failures.join('\n'), true);
}

/**
 * @param {string} url
 * @param {Wanted['checksum']} checksum
 * @param {string} path
 * @param {Options} options
 */
async function fromOne(url, checksum, path, { attempts = 4, pause = 1000, stall = 60_000, progress = () => {} }) {
  const part = `${path}.part`;
  for (let attempt = 1; ; attempt++) {
    try {
      await receive(url, part, checksum !== null, stall, progress);
      if (checksum) await check(url, part, checksum);
      await rename(part, path);
      return;
    } catch (error) {
      const failure = error instanceof FetchError ? error : new FetchError(explain(url, error));
      if (failure.final || attempt === attempts) throw failure;
      await new Promise((resolve) => setTimeout(resolve, pause * 2 ** (attempt - 1)));
    }
  }
}

/**
 * Adds to the part that is there what is missing of it. Only a file with a checksum is resumed: without one nobody would notice
 * that it changed in between.
 * @param {string} url
 * @param {string} part
 * @param {boolean} mayResume
 * @param {number} stall
 * @param {(received: number, total: number | null) => void} progress
 */
async function receive(url, part, mayResume, stall, progress) {
  const there = mayResume ? await sizeOf(part) : 0;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), stall);
  try {
    const response = await fetch(url, {
      headers: { 'accept-encoding': 'identity', ...(there > 0 ? { range: `bytes=${there}-` } : {}) },
      signal: stop.signal,
    });
    timer.refresh();
    if (response.status === 416) {
      // The part is already as long as the file, or longer: the checksum tells which.
      await response.body?.cancel();
      return;
    }
    if (!response.ok) {
      await response.body?.cancel();
      const final = response.status < 500 && response.status !== 429 && response.status !== 408;
      throw new FetchError(`${url}: the server answered ${response.status} ${response.statusText}`.trim(), final);
    }
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    const resumed = response.status === 206 && range !== null && Number(range[1]) === there;
    if (response.status === 206 && !resumed)
      throw new FetchError(`${url}: the server sent another part than was asked for`, true);
    const length = response.headers.get('content-length');
    const start = resumed ? there : 0;
    const total = length === null ? null : start + Number(length);
    const file = await open(part, resumed ? 'a' : 'w');
    let received = start;
    try {
      for await (const chunk of response.body ?? []) {
        timer.refresh();
        await file.write(chunk);
        received += chunk.length;
        progress(received, total);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (total !== null && received !== total)
      throw new FetchError(`${url}: the connection ended after ${received} of ${total} bytes`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {string} url
 * @param {string} part
 * @param {NonNullable<Wanted['checksum']>} checksum
 */
async function check(url, part, { algorithm, digest }) {
  const found = await digestOf(part, algorithm);
  if (found === digest) return;
  await rm(part, { force: true });
  throw new FetchError(`${url}: ${algorithm} of what came is ${found}; expected ${digest}; it was thrown away`);
}

/**
 * @param {string} path
 * @param {Wanted['checksum']} checksum
 */
async function isRight(path, checksum) {
  const there = await stat(path).then(
    (s) => s.isFile(),
    () => false,
  );
  return there && (checksum === null || (await digestOf(path, checksum.algorithm)) === checksum.digest);
}

/**
 * @param {string} path
 * @param {string} algorithm
 */
async function digestOf(path, algorithm) {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** @param {string} path */
const sizeOf = (path) =>
  stat(path).then(
    (s) => s.size,
    () => 0,
  );

const offline = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * @param {string} url
 * @param {unknown} error
 */
function explain(url, error) {
  const { name, message, code, cause } =
    /** @type {{ name?: string, message?: string, code?: string, cause?: { code?: string, message?: string } }} */ (error);
  const reason = cause?.code ?? code ?? '';
  if (offline.has(reason)) return `${url}: no connection to ${new URL(url).host} (${reason}); is this machine online?`;
  if (name === 'AbortError') return `${url}: nothing came for too long`;
  return `${url}: the connection broke (${reason || cause?.message || message})`;
}
