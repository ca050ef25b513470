// docs/programs-measured.md and the table of programs in the README, from the results of programs under examples/results.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { labelOf } from '../../dist/report/metrics.js';
import { cellText } from '../../dist/report/program/units.js';

const folder = new URL('../../examples/results/', import.meta.url);

/** @typedef {import('../../src/programs/record.ts').ProgramResults} ProgramResults */

/** @returns {readonly { readonly recipe: string, readonly results: ProgramResults }[]} */
const measured = () =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const results = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
      return results.program === undefined ? [] : [{ recipe: `examples/${name.replace('.json', '.yaml')}`, results }];
    });

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** One line a program, for the README. */
export const programsMarkdown = () =>
  table(
    ['recipe', 'what came of it'],
    measured().map(({ recipe, results }) => [`[${results.name}](${recipe})`, results.sentence]),
  );

/** What came of a program: a sentence, and its tables. @param {ProgramResults} results */
const told = (results) => [
  results.sentence,
  ...results.tables.flatMap(({ title, note, columns, rows }) => [
    '',
    `**${title}**${note === undefined ? '' : `. ${note}`}`,
    '',
    table(
      ['', ...columns.map((c) => labelOf(c.title))],
      rows.map(({ name, cells }) => [name, ...cells.map((cell, i) => cellText(cell, columns[i].unit))]),
    ),
  ]),
];

/** @param {{ recipe: string, results: ProgramResults }} of */
const head = ({ recipe, results }) =>
  `[${recipe}](../${recipe}), program \`${results.program}\`, ${Math.max(1, Math.round(results.seconds / 60))} min on ${results.environment.threads === 1 ? 'one thread' : `${results.environment.threads} threads`} of a machine that had other work too.`;

/** What was measured of one kind of program, for the page about it. @param {string} kind */
export function programMarkdown(kind) {
  const found = measured().filter(({ results }) => results.program === kind);
  if (found.length === 0) return 'Nothing is measured yet.';
  return found.map((one) => [head(one), '', ...told(one.results)].join('\n')).join('\n\n');
}

/** Everything that was measured, as a page. */
export const programsPage = () =>
  [
    '# Programs, measured',
    '',
    'Made by `npm run docs` from `examples/results/`; each is the output of `npx potstill run` of the recipe that it names. ± is the standard deviation over seeds. [What the programs do](programs.md).',
    ...measured().flatMap((one) => [
      '',
      `## ${one.results.name}`,
      '',
      head(one),
      '',
      ...told(one.results),
      ...(one.results.notes.length > 0 ? ['', ...one.results.notes.map((n) => `- ${n}`)] : []),
    ]),
    '',
  ].join('\n');
