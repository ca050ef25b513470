// The tables of docs/teachers.md, from bench/teachers/results. A study that has no results yet says so.
import { existsSync, readFileSync } from 'node:fs';
import { between } from './markers.mjs';

const committed = new URL('../../bench/teachers/results/', import.meta.url);

/** @typedef {{ accuracy: number[], nll: number[] }} Scores */

const mean = (/** @type {readonly number[]} */ xs) => xs.reduce((a, b) => a + b, 0) / xs.length;
/** Mean and sample deviation. @param {readonly number[]} xs @param {number} digits */
const level = (xs, digits) => {
  const m = mean(xs);
  const text = m.toFixed(digits);
  return xs.length < 2
    ? text
    : `${text} ± ${Math.sqrt(xs.reduce((s, x) => s + (x - m) ** 2, 0) / (xs.length - 1)).toFixed(digits)}`;
};
const percents = (/** @type {readonly number[]} */ xs) => xs.map((x) => 100 * x);
const signed = (/** @type {number} */ v) => `${v < 0 ? '−' : '+'}${Math.abs(v).toFixed(2)}`;
const millions = (/** @type {number} */ n) => `${(n / 1e6).toPrecision(3)} M`;
const thousands = (/** @type {number} */ n) => n.toLocaleString('en-US');

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Accuracy and log-likelihood. @param {Scores} s */
const cells = (s) => [level(percents(s.accuracy), 2), level(s.nll, 3)];

/** @param {any} r */
function ensembleTable(r) {
  const top = 100 * r.ensemble.accuracy[0];
  const { ensemble, member, student } = r.cost;
  const members = {
    accuracy: r.members.flatMap((/** @type {Scores} */ m) => m.accuracy),
    nll: r.members.flatMap((/** @type {Scores} */ m) => m.nll),
  };
  const row = (/** @type {string} */ name, /** @type {Scores} */ s, /** @type {number} */ macs) => [
    name,
    ...cells(s),
    signed(mean(percents(s.accuracy)) - top),
    millions(macs),
  ];
  const count = r.members.length;
  const times = (count * member.latencyMs) / student.latencyMs;
  const rate = student.examplesPerSecond / (member.examplesPerSecond / count);
  return [
    table(
      ['', 'accuracy', 'NLL', 'to the ensemble', 'MACs'],
      [
        row(`one member (mean of ${count})`, members, ensemble.macs / count),
        row(`ensemble of ${count}`, r.ensemble, ensemble.macs),
        ...Object.entries(r.students).map(([name, s]) =>
          row(name === 'scratch' ? 'student from scratch' : `student, ${name}`, s, student.macs),
        ),
      ],
    ),
    '',
    `The student does ${(ensemble.macs / student.macs).toFixed(1)} times fewer multiply–accumulates than the ${count} members and has ${(ensemble.parameters / student.parameters).toFixed(1)} times fewer parameters. ` +
      `On one thread it answers a single example ${times.toFixed(1)} times as fast as the members one after another, and at batch 32 gives ${rate.toFixed(1)} times as many answers a second. ` +
      `${thousands(r.budget.examples)} training pictures, ${r.budget.memberEpochs} epochs for a member, ${r.budget.studentEpochs} for a student, T = ${r.budget.temperature}; three seeds of each student.`,
  ].join('\n');
}

/** @param {any} r */
function selectiveTable(r) {
  const plain = mean(percents(r.arms['plain mean'].student.accuracy));
  const [one, two, bad] = r.teachers.map((/** @type {Scores} */ t) => (100 * /** @type {number} */ (t.accuracy[0])).toFixed(2));
  return [
    `Teachers: ${one}, ${two} and, with the wrong labels, ${bad} %. Their plain mean: ${level(percents(r.arms['plain mean'].teacher.accuracy), 2)} %.`,
    '',
    table(
      ['weights', 'accuracy of the student', 'to the plain mean', 'NLL'],
      Object.entries(r.arms).map(([name, { student }]) => {
        const [accuracy = '', nll = ''] = cells(student);
        const gap = name === 'plain mean' ? '' : signed(mean(percents(student.accuracy)) - plain);
        return [name, accuracy, gap, nll];
      }),
    ),
  ].join('\n');
}

/** @param {any} r */
function missingTable(r) {
  const { all: size, own } = r.test;
  const of = (/** @type {readonly { all: number, own: number }[]} */ m) => [
    level(
      m.map((x) => x.all),
      0,
    ),
    level(
      m.map((x) => x.own),
      0,
    ),
    `${level(
      m.map((x) => 100 * (1 - x.own / own)),
      1,
    )} %`,
  ];
  const bias = level(
    r.without.map((/** @type {{ bias: number }} */ w) => w.bias),
    1,
  );
  return [
    table(
      ['', `errors of ${thousands(size)}`, `of the ${thousands(own)} threes wrong`, 'threes right'],
      [
        ['teacher, labels of all digits', ...of([r.teacher])],
        ['student, soft targets of all digits', ...of(r.all)],
        ['student, soft targets without any 3', ...of(r.without.map((/** @type {any} */ w) => w.before))],
        [`the same, ${bias} added to the logit of 3`, ...of(r.without.map((/** @type {any} */ w) => w.after))],
        ['Hinton et al. 2015: without any 3', '206', '133', '86.8 %'],
        ['the same, 3.5 added', '109', '14', '98.6 %'],
      ],
    ),
    '',
    `${thousands(r.budget.examples)} training pictures, ${thousands(r.budget.without)} of them no threes; ${r.budget.teacherEpochs} epochs for the teacher, ${r.budget.studentEpochs} for a student, T = ${r.budget.temperature}; three seeds of each student.`,
  ].join('\n');
}

/** @type {Readonly<Record<string, (results: any) => string>>} */
const tables = {
  ensemble: ensembleTable,
  'missing-class': missingTable,
  'wrong-at-random': selectiveTable,
  'wrong-alike': selectiveTable,
};

/** The page with every table as the committed results say. @param {string} page */
export function teachersPage(page) {
  return Object.entries(tables).reduce((text, [name, show]) => {
    const file = new URL(`${name}.json`, committed);
    const found = existsSync(file)
      ? show(JSON.parse(readFileSync(file, 'utf8')))
      : `Not measured yet: \`npm run bench:teachers -- --only ${name}\`.`;
    return between(text, name, `\n${found}\n`);
  }, page);
}
