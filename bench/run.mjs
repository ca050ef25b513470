// @ts-check
// `npm run bench`: compares us with others, side by side on the same work. `npm run bench -- --help` lists the options.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { comparisons } from './comparisons.mjs';
import { textTable } from './line.mjs';
import { machine, othersShare, record, writePage } from './results.mjs';
import { defaultPython, installPeers } from './sides.mjs';

const usage = `npm run bench -- [options]

  --only NAME      only comparisons whose name starts with this (may be repeated)
  --pairs N        pairs of turns in each comparison (default 9)
  --seconds N      no pair is begun that would end later than this (default 60)
  --threads N      threads of each side (default: all, ${availableParallelism()} here)
  --python PATH    the Python that has PyTorch (default ${defaultPython()})
  --json           one line of JSON for each comparison
  --record         keep the results in bench/results
  --docs           write the kept results into docs/benchmarks.md, measure nothing
  --install-peers  install TensorFlow.js into bench/peers/node_modules, measure nothing

Comparisons:
${comparisons.map(({ name, summary }) => `  ${name.padEnd(24)} ${summary}`).join('\n')}

ratio = theirs / ours: above 1 we are faster, or need less.`;

/** Above this share of the processors in other hands a comparison says more about them than about us. */
const quiet = 0.1;

/** @param {import('./line.mjs').Line} line @param {string} note @returns {import('./line.mjs').Line} */
const noted = (line, note) => ({ ...line, note: line.note === undefined ? note : `${line.note}; ${note}` });

/** A mistake in the arguments. */
class UsageError extends Error {}

function parse() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        pairs: { type: 'string', default: '9' },
        seconds: { type: 'string', default: '60' },
        threads: { type: 'string', default: String(availableParallelism()) },
        python: { type: 'string', default: defaultPython() },
        json: { type: 'boolean', default: false },
        record: { type: 'boolean', default: false },
        docs: { type: 'boolean', default: false },
        'install-peers': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} option @param {string} text */
function positive(option, text) {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--${option}: '${text}'; expected a number above 0`);
  return value;
}

/** @param {readonly string[]} only */
function chosen(only) {
  const unknown = only.filter((start) => !comparisons.some(({ name }) => name.startsWith(start)));
  if (unknown.length > 0) {
    throw new UsageError(
      `--only: no comparison starts with '${unknown.join("', '")}'; there are ${comparisons.map((c) => c.name).join(', ')}`,
    );
  }
  /** A whole name means that one alone. @param {string} start @param {string} name */
  const fits = (start, name) => name === start || (name.startsWith(start) && !comparisons.some((c) => c.name === start));
  return comparisons.filter(({ name }) => only.length === 0 || only.some((start) => fits(start, name)));
}

async function main() {
  const options = parse();
  if (options.help) return console.log(usage);
  if (options['install-peers']) return installPeers();
  if (options.docs) return writePage(comparisons.map((c) => c.name));
  const selected = chosen(options.only);
  const asked = {
    pairs: Math.ceil(positive('pairs', options.pairs)),
    seconds: positive('seconds', options.seconds),
    threads: Math.ceil(positive('threads', options.threads)),
    python: options.python,
  };
  const folder = mkdtempSync(join(tmpdir(), 'potstill-bench-'));
  const plan = { ...asked, folder };
  /** @type {import('./line.mjs').Line[]} */
  const lines = [];
  try {
    for (const { name, summary, measure } of selected) {
      if (!options.json) console.error(`${name}: ${summary} …`);
      const others = await othersShare();
      const measured = await measure(plan);
      const skipped = measured.note?.startsWith('skipped') ?? false;
      const busy = others > quiet && !skipped;
      const line = busy
        ? noted(measured, `unreliable: other programs used ${Math.round(100 * others)} % of the processors`)
        : measured;
      lines.push(line);
      if (options.json) console.log(JSON.stringify(line));
      if (options.record) {
        const why = busy ? 'the machine is busy' : skipped ? 'the peer is missing' : null;
        if (why === null) record(line);
        else console.error(`${name}: not recorded, ${why}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (!options.json) console.log(`\n${machine()}; Node ${process.versions.node}\n\n${textTable(lines)}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
