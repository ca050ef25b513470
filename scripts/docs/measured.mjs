// The table of measured examples in the README, from the results that are committed under examples/results.
import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../../examples/results/', import.meta.url);

const units = {
  accuracy: (/** @type {number} */ v) => (100 * v).toFixed(2),
  rmse: (/** @type {number} */ v) => v.toPrecision(4),
};

/** @typedef {import('../../src/run/record.ts').Results} Results */

/** @param {Results} r @param {Results['teacher']} side */
const score = (r, side) => {
  const metric = side?.metrics[r.headline.name];
  if (!metric) return '–';
  const show = units[/** @type {keyof typeof units} */ (r.headline.name)];
  return metric.spread === null || metric.spread === 0 ? show(metric.mean) : `${show(metric.mean)} ± ${show(metric.spread)}`;
};

const count = (/** @type {number} */ n) => (n < 1e6 ? `${(n / 1e3).toPrecision(3)} k` : `${(n / 1e6).toPrecision(3)} M`);

export function measuredMarkdown() {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  const rows = files.flatMap((file) => {
    const r = /** @type {Results} */ (JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
    if ('program' in r) return [];
    const size = `${r.teacher ? count(r.teacher.cost.parameters) : '–'} → ${count(r.distilled.cost.parameters)}`;
    const cells = [
      `[${r.name}](examples/${file.replace('.json', '.yaml')})`,
      size,
      score(r, r.teacher),
      score(r, r.scratch),
      score(r, r.distilled),
      r.verdict.helped,
    ];
    return [`| ${cells.join(' | ')} |`];
  });
  return ['| recipe | parameters | teacher | scratch | distilled | helped? |', '|---|---|---|---|---|---|', ...rows].join('\n');
}
