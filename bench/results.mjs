// @ts-check
// What was measured, kept beside the code, and the page that shows it.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { markdownTable } from './line.mjs';

/** @typedef {{ machine: string, node: string, line: import('./line.mjs').Line }} Result */

const folder = new URL('results/', import.meta.url);
const page = new URL('../docs/benchmarks.md', import.meta.url);
const start = '<!-- results: npm run bench -- --docs -->';
const end = '<!-- end of results -->';

/** What the figures hold for. */
export function machine() {
  const memory = Math.round(totalmem() / 2 ** 30);
  const threads = availableParallelism();
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${model}, ${threads} threads, ${memory} GiB, ${process.platform} ${process.arch}`;
}

/**
 * The share of the processors that others use while we do nothing, 0…1.
 * @param {number} [milliseconds] how long to look
 */
export async function othersShare(milliseconds = 1000) {
  const read = () => {
    const times = cpus().map((c) => c.times);
    const all = times.reduce((n, t) => n + t.user + t.nice + t.sys + t.irq + t.idle, 0);
    return { all, busy: all - times.reduce((n, t) => n + t.idle, 0) };
  };
  const before = read();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  const after = read();
  return after.all === before.all ? 0 : (after.busy - before.busy) / (after.all - before.all);
}

/** @param {import('./line.mjs').Line} line */
export function record(line) {
  mkdirSync(folder, { recursive: true });
  /** @type {Result} */
  const result = { machine: machine(), node: process.version, line };
  writeFileSync(new URL(`${line.name}.json`, folder), `${JSON.stringify(result, null, 2)}\n`);
}

/**
 * The part of the page that is made from results: a table for each machine, rows in the order of `names`.
 * @param {readonly Result[]} results
 * @param {readonly string[]} names
 */
export function resultsText(results, names) {
  const setting = (/** @type {Result} */ r) => `${r.machine}; Node ${r.node.replace(/^v/, '')}`;
  const ordered = names.flatMap((name) => results.filter((r) => r.line.name === name));
  return [...new Set(ordered.map(setting))]
    .map((where) => `${where}:\n\n${markdownTable(ordered.filter((r) => setting(r) === where).map((r) => r.line))}`)
    .join('\n\n');
}

/**
 * Writes the recorded results into the page.
 * @param {readonly string[]} names of all comparisons, in order
 */
export function writePage(names) {
  if (!existsSync(folder)) throw new Error('bench/results: nothing is recorded yet; run `npm run bench -- --record` first');
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const results = files.map((name) => /** @type {Result} */ (JSON.parse(readFileSync(new URL(name, folder), 'utf8'))));
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md: no lines '${start}' and '${end}' to write between`);
  writeFileSync(page, `${text.slice(0, from)}${start}\n\n${resultsText(results, names)}\n\n${text.slice(to)}`);
}
