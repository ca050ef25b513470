// @ts-check
// Who is measured: how each one is started, and how it is got where it is missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startContestant } from './contestant.mjs';

/** @typedef {import('./workloads.mjs').Workload} Workload */
/** @typedef {import('./contestant.mjs').Contestant} Contestant */

/**
 * @typedef {object} Setting
 * @property {string} folder where we may write
 * @property {number} threads of each side
 * @property {string} python
 */

/**
 * @typedef {object} Side
 * @property {string} name
 * @property {string} install what to do where it is missing
 * @property {(workload: Workload, setting: Setting) => Promise<Contestant>} start as fast as it gets
 * @property {(workload: Workload, setting: Setting) => Promise<Contestant>} startPlain as a user starts it, for its memory
 */

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Lowerings are measured in this run and for it alone. @param {Setting} setting */
const ownCache = ({ folder }) => ({ ...process.env, XDG_CACHE_HOME: folder });

/** @param {readonly string[]} flags @returns {Side['start']} */
const startOurs = (flags) => (workload, setting) =>
  startContestant(
    process.execPath,
    [...flags, here(`ours/${workload.script ?? 'step'}.mjs`), JSON.stringify(workload), setting.folder, String(setting.threads)],
    ownCache(setting),
  );

/** @type {Side} */
export const ours = { name: 'Potstill', install: 'npm run build', start: startOurs([]), startPlain: startOurs([]) };

/** Ours with a clock inside. */
export const startClocked = startOurs(['--import', new URL('ours/engine-clock.mjs', import.meta.url).href]);

/** @param {string} layout @returns {Side['start']} */
const startTorch =
  (layout) =>
  (workload, { python, threads }) =>
    startContestant(python, [
      here(`peers/torch_${workload.script ?? 'step'}.py`),
      JSON.stringify(workload),
      String(threads),
      layout,
    ]);

/** @type {Side} */
export const torch = {
  name: 'PyTorch',
  install: 'apt-get install python3-torch libopenblas0-openmp (another Python: --python PATH)',
  start: startTorch('fastest'),
  startPlain: startTorch('contiguous'),
};

/** @param {string} backend @returns {Side} */
const tfjs = (backend) => {
  /** @type {Side['start']} */
  const start = (workload) => startContestant(process.execPath, [here('peers/tfjs-step.mjs'), JSON.stringify(workload), backend]);
  return { name: `TensorFlow.js (${backend})`, install: 'npm run bench -- --install-peers', start, startPlain: start };
};
export const tfjsWasm = tfjs('wasm');
export const tfjsCpu = tfjs('cpu');

/** Installs the peers that are npm packages. Throws when npm fails. */
export function installPeers() {
  const folder = here('peers');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ci in ${folder}: exit status ${status}`);
}

/** Debian's PyTorch belongs to Debian's Python, which need not be the first one in PATH. */
export const defaultPython = () => (existsSync(join('/usr', 'bin', 'python3')) ? '/usr/bin/python3' : 'python3');
