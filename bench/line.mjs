// @ts-check
// What a comparison leaves: one line, as JSON and for people.
import { compare } from './statistics.mjs';

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {string} peer what we are compared with, and its version
 * @property {number | null} ratio theirs / ours: above 1 we are better; null where nothing could be measured
 * @property {[low: number, high: number] | null} spread quartiles of the ratio over the pairs
 * @property {number | null} ours
 * @property {number | null} theirs
 * @property {string} unit of `ours` and `theirs`
 * @property {number} pairs
 * @property {string} [note] what a reader must know, such as why there is no number
 */

/** Four figures are more than any of these measurements carries. @param {number} x */
const rounded = (x) => Number(x.toPrecision(4));

/**
 * @param {{ name: string, peer: string, unit: string, note?: string | undefined }} about
 * @param {readonly import('./statistics.mjs').Pair[]} pairs none: only the note stays
 * @returns {Line}
 */
export function lineOf({ name, peer, unit, note }, pairs) {
  const noted = note === undefined ? {} : { note };
  if (pairs.length === 0) return { name, peer, ratio: null, spread: null, ours: null, theirs: null, unit, pairs: 0, ...noted };
  const { ratio, spread, ours, theirs } = compare(pairs);
  return {
    name,
    peer,
    ratio: rounded(ratio),
    spread: [rounded(spread[0]), rounded(spread[1])],
    ours: rounded(ours),
    theirs: rounded(theirs),
    unit,
    pairs: pairs.length,
    ...noted,
  };
}

/** @typedef {{ readonly title: string, readonly cell: (line: Line) => string }} Column */

/** @param {number | null} x */
const figure = (x) => (x === null ? '–' : String(Number(x.toPrecision(3))));

/** @type {readonly Column[]} */
export const columns = [
  { title: 'comparison', cell: (l) => l.name },
  { title: 'peer', cell: (l) => l.peer },
  { title: 'ratio', cell: (l) => (l.ratio === null ? '–' : l.ratio.toFixed(l.ratio < 10 ? 2 : 0)) },
  { title: 'quartiles', cell: (l) => (l.spread === null ? '–' : l.spread.map((x) => x.toFixed(x < 10 ? 2 : 0)).join('…')) },
  { title: 'ours', cell: (l) => figure(l.ours) },
  { title: 'theirs', cell: (l) => figure(l.theirs) },
  { title: 'unit', cell: (l) => l.unit },
  { title: 'pairs', cell: (l) => String(l.pairs) },
];

/**
 * A table for a terminal; notes stand below it.
 * @param {readonly Line[]} lines
 */
export function textTable(lines) {
  const rows = [columns.map((c) => c.title), ...lines.map((line) => columns.map((c) => c.cell(line)))];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => /** @type {string} */ (row[i]).length)));
  const body = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(/** @type {number} */ (widths[i])))
      .join('  ')
      .trimEnd(),
  );
  const notes = lines.flatMap((line) => (line.note === undefined ? [] : [`${line.name}: ${line.note}`]));
  return [...body, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

/**
 * A table for the documentation, notes in a last column.
 * @param {readonly Line[]} lines
 */
export function markdownTable(lines) {
  const escaped = (/** @type {string} */ text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const row = (/** @type {readonly string[]} */ cells) => `| ${cells.map(escaped).join(' | ')} |`;
  return [
    row([...columns.map((c) => c.title), 'note']),
    row([...columns, null].map(() => '---')),
    ...lines.map((line) => row([...columns.map((c) => c.cell(line)), line.note ?? ''])),
  ].join('\n');
}
