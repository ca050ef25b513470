// @ts-check
// Each side runs in a process of its own, asked by lines of text and idle in between: start-up is not timed, and memory and
// threads are its own.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * @typedef {object} About what a process says of itself when it is ready
 * @property {string} version
 * @property {number} parameters of the student, running statistics included
 * @property {string} [detail]
 */

/**
 * @typedef {object} Turn
 * @property {number} steps as many as were asked for, or a few more
 * @property {number} milliseconds
 * @property {number} loss of the last step
 * @property {number} [engine] of these, milliseconds inside ONNX Runtime
 */

/**
 * @typedef {object} Contestant
 * @property {About} about
 * @property {(steps: number, limit: number) => Promise<Turn>} run limit in milliseconds
 * @property {() => Promise<number>} peak bytes that were resident at most
 * @property {() => Promise<void>} stop
 */

/** The peer, or what it needs, is not on this machine. */
export class MissingError extends Error {
  /** @override */
  name = 'MissingError';
}

/** The peer cannot do the work; the message is its own. */
export class PeerError extends Error {
  /** @override */
  name = 'PeerError';
}

/** Long enough for measuring the lowerings of a network. */
const startLimit = 300_000;

/**
 * Starts a process that answers `run N` and `memory`, each by one line of JSON; lines that are not JSON are ignored.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<Contestant>}
 * @throws MissingError, PeerError
 */
export async function startContestant(command, args, env = process.env) {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (/** @type {Buffer} */ text) => {
    complaint = (complaint + text).slice(-2000);
  });
  child.stdin.on('error', () => {});
  /** @type {((answer: any) => void) | undefined} */
  let waiting;
  /** @type {Error | undefined} */
  let gone;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) waiting?.(JSON.parse(line));
  });
  const ended = new Promise((resolve) => {
    child.on('error', (error) => {
      gone = new MissingError(`${command} cannot be started: ${error.message}`);
      resolve(undefined);
    });
    child.on('close', (code, signal) => {
      gone ??= new PeerError(`its process ended (${signal ?? code})${complaint && `: ${lastLine(complaint)}`}`);
      resolve(undefined);
    });
  });

  /**
   * @param {string | null} question
   * @param {number} limit
   * @returns {Promise<any>}
   */
  const ask = async (question, limit) => {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const answer = await Promise.race([
      new Promise((resolve) => {
        waiting = resolve;
        if (question !== null) child.stdin.write(`${question}\n`);
      }),
      ended.then(() => {
        throw gone;
      }),
      new Promise((_, reject) => {
        timer = setTimeout(() => {
          child.kill('SIGKILL');
          reject(new PeerError(`no answer within ${Math.round(limit / 1000)} s`));
        }, limit);
      }),
    ]).finally(() => clearTimeout(timer));
    if (answer.missing !== undefined) throw new MissingError(answer.missing);
    if (answer.error !== undefined) throw new PeerError(answer.error);
    return answer;
  };

  const stop = async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  };
  try {
    const about = await ask(null, startLimit);
    return {
      about,
      run: (steps, limit) => ask(`run ${steps}`, limit),
      peak: async () => (await ask('memory', startLimit)).peak,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param {string} text */
const lastLine = (text) => text.trim().split('\n').at(-1) ?? '';
