// The table of methods in docs/data-free.md, from the catalogue.
import { catalogue } from './catalogue.mjs';

const number = (/** @type {number} */ n) => n.toLocaleString('en-US');

/** When the student learns, by what a method says of it. @param {{ steps: number, from?: string } | null} student */
function learning(student) {
  if (student === null) return 'afterwards, on the set';
  return `${number(student.steps)} ${student.steps === 1 ? 'step' : 'steps'} a round, ${student.from === 'memory' ? 'on the set' : 'on new examples'}`;
}

/** A method a row: what it wants, what it takes, what it leaves. */
export async function dataFreeMarkdown() {
  const { 'data-free': entries } = await catalogue();
  const rows = entries.flatMap(({ kind, needs, options }) => {
    const parts = Object.fromEntries(options.map(({ name, fallback }) => [name, fallback]));
    if (parts.rounds === undefined) return [];
    const { name, rounds, steps, batchSize, student, memory } = /** @type {any} */ (parts);
    const leaves =
      student === null || student.from === 'memory'
        ? `a set of ${number(Math.min(rounds * batchSize, memory))}`
        : 'a generator, no set';
    return [[`\`${kind}\``, name, needs ?? 'nothing', `${number(rounds)} × ${number(steps)}`, learning(student), leaves]];
  });
  const heads = ['', 'as it is called', 'needs', 'rounds × steps', 'the student learns', 'leaves'];
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
