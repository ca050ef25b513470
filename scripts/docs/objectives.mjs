// What the study of objectives measured, as Markdown, from bench/objectives/results. Works with whatever part of it is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { arms, objectives } from '../../bench/objectives/table.mjs';

/**
 * @typedef {import('../../bench/objectives/study.mjs').Study} Study
 * @typedef {import('../../bench/objectives/study.mjs').Result} Result
 * @typedef {import('../../bench/objectives/table.mjs').Objective} Objective
 * @typedef {Readonly<Record<string, Result>>} Runs The results of an arm by seed.
 * @typedef {{ mean: number, spread: number | null }} Level
 */

const seedsOfStudy = 3;
const committed = new URL('../../bench/objectives/results/', import.meta.url);

const mean = (/** @type {readonly number[]} */ xs) => xs.reduce((a, b) => a + b, 0) / xs.length;
/** Mean and sample deviation. @param {readonly number[]} xs @returns {Level | null} */
function level(xs) {
  if (xs.length === 0) return null;
  const m = mean(xs);
  return { mean: m, spread: xs.length < 2 ? null : Math.sqrt(xs.reduce((s, x) => s + (x - m) ** 2, 0) / (xs.length - 1)) };
}

const accuracies = (/** @type {Runs} */ runs) => Object.values(runs).map((r) => 100 * /** @type {number} */ (r.test.accuracy));
const none = '–';
const percent = (/** @type {Level | null} */ l) =>
  l === null ? none : l.spread === null ? l.mean.toFixed(1) : `${l.mean.toFixed(1)} ± ${l.spread.toFixed(1)}`;
const signed = (/** @type {number | null} */ v) => {
  if (v === null) return none;
  const text = Math.abs(v).toFixed(1);
  return text === '0.0' ? text : `${v > 0 ? '+' : '−'}${text}`;
};
const counted = (/** @type {number} */ n, /** @type {string} */ one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** Mean over the seeds that both have. @param {Runs} a @param {Runs} b */
function gap(a, b) {
  const seeds = Object.keys(a).filter((seed) => seed in b);
  const of = (/** @type {Runs} */ runs, /** @type {string} */ seed) => 100 * /** @type {number} */ (runs[seed]?.test.accuracy);
  return seeds.length === 0 ? null : mean(seeds.map((seed) => of(a, seed) - of(b, seed)));
}

/** The value of a term over the first and over the last epoch, mean over seeds. @param {Runs} runs @param {string} term */
function course(runs, term) {
  const pairs = Object.values(runs).flatMap((r) => (r.losses[term] ? [r.losses[term]] : []));
  if (pairs.length === 0) return null;
  const [first, last] = [mean(pairs.map((p) => p[0])), mean(pairs.map((p) => p[1]))];
  return { first, last, falls: last < first };
}

const short = (/** @type {number} */ v) =>
  v === 0 || (Math.abs(v) >= 1e-3 && Math.abs(v) < 1e4) ? String(Number(v.toPrecision(3))) : v.toExponential(1);

/** One objective in all its settings. @param {Study} study @param {Objective} objective */
function row({ runs }, objective) {
  const { name, family, losses } = objective;
  const [labels, kd] = [runs.labels ?? {}, runs.kd ?? {}];
  const [alone, both, balanced] = [name, `kd + ${name}`, `kd + ${name}, balanced`].map((key) => runs[key] ?? {});
  return {
    name,
    family,
    alone: /** @type {Runs} */ (alone),
    both: /** @type {Runs} */ (both),
    balanced: /** @type {Runs} */ (balanced),
    aloneToKd: gap(/** @type {Runs} */ (alone), kd),
    aloneToLabels: gap(/** @type {Runs} */ (alone), labels),
    bothToKd: gap(/** @type {Runs} */ (both), kd),
    bothToLabels: gap(/** @type {Runs} */ (both), labels),
    balancedToKd: gap(/** @type {Runs} */ (balanced), kd),
    course: course(/** @type {Runs} */ (alone), /** @type {string} */ (losses[0]?.kind)),
  };
}
/** @typedef {ReturnType<typeof row>} Row */

const heads = ['objective', 'family', 'alone', '− labels', '− kd', 'kd + it', '− kd', 'balanced', '− kd', 'its loss'];

/** @param {Row} r */
const cells = (r) => [
  r.name,
  r.family,
  percent(level(accuracies(r.alone))),
  signed(r.aloneToLabels),
  signed(r.aloneToKd),
  percent(level(accuracies(r.both))),
  signed(r.bothToKd),
  percent(level(accuracies(r.balanced))),
  signed(r.balancedToKd),
  r.course ? `${short(r.course.first)} → ${short(r.course.last)}` : none,
];

/**
 * How many differences go either way, and how many of them by more than the larger spread of the two; null where spreads are unknown.
 * @param {readonly (readonly [gap: number | null, of: Runs])[]} all @param {Runs} control
 */
function tally(all, control) {
  const known = all.flatMap(([d, of]) => (d === null ? [] : [{ d, spread: level(accuracies(of))?.spread ?? null }]));
  const own = level(accuracies(control))?.spread ?? null;
  const judged = own !== null && known.every(({ spread }) => spread !== null);
  const clear = known.filter(({ d, spread }) => Math.abs(d) > Math.max(Number(own), Number(spread)));
  const count = (/** @type {1 | -1} */ sign) => ({
    all: known.filter(({ d }) => d * sign > 0).length,
    clear: judged ? clear.filter(({ d }) => d * sign > 0).length : null,
  });
  return { of: known.length, up: count(1), down: count(-1) };
}

/** @param {ReturnType<typeof tally>} t @param {string} control */
function ways({ of, up, down }, control) {
  const by = (/** @type {{ all: number, clear: number | null }} */ { all, clear }) =>
    clear === null ? String(all) : `${all} (${clear} clearly)`;
  return `of ${of}, ${by(up)} above ${control} and ${by(down)} below`;
}

/** @param {Study} study @param {readonly Row[]} rows @param {number} expected Trainings of the whole study. */
function sentences(study, rows, expected) {
  const { runs, budget } = study;
  const [labels, kd] = [runs.labels ?? {}, runs.kd ?? {}];
  const all = Object.values(runs).map((r) => Object.keys(r).length);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const done = all.reduce((a, b) => a + b, 0);
  const { examples, epochs, batchSize } = /** @type {Record<string, number>} */ (budget);
  const budgetWords = `${Number(examples).toLocaleString('en')} training examples, ${epochs} epochs, batches of ${batchSize}; ${study.machine}.`;
  const seedWords = least === most ? `${counted(most, 'seed')}.` : `${least} to ${most} seeds a setting.`;
  const unfinished = done < expected ? ` ${done} of ${expected} trainings are done.` : '';
  const alone = tally(
    rows.map((r) => [r.aloneToKd, r.alone]),
    kd,
  );
  const nothing = tally(
    rows.map((r) => [r.aloneToLabels, r.alone]),
    labels,
  );
  const both = tally(
    rows.map((r) => [r.bothToKd, r.both]),
    kd,
  );
  const scratch = tally(
    rows.map((r) => [r.bothToLabels, r.both]),
    labels,
  );
  const balanced = tally(
    rows.map((r) => [r.balancedToKd, r.balanced]),
    kd,
  );
  const best = Object.entries(runs)
    .map(([key, of]) => ({ key, mean: level(accuracies(of))?.mean ?? 0 }))
    .sort((a, b) => b.mean - a.mean)
    .slice(0, 3)
    .map(({ key, mean: m }) => `${key} (${m.toFixed(1)})`);
  const still = rows.filter((r) => r.course && !r.course.falls).map((r) => r.name);
  return [
    `${budgetWords} ${seedWords}${unfinished}`,
    '',
    ...(alone.of > 0 ? [`- Alone, beside labels: ${ways(alone, 'kd')}; ${ways(nothing, 'labels without a teacher')}.`] : []),
    ...(both.of > 0 ? [`- Added to kd: ${ways(both, 'kd')}; ${ways(scratch, 'labels without a teacher')}.`] : []),
    ...(balanced.of > 0 ? [`- Added to kd with balanced gradients: ${ways(balanced, 'kd')}.`] : []),
    `- The best three: ${best.join(', ')}.`,
    ...calibration(study, rows),
    ...(rows.length > 0 ? [still.length > 0 ? `- Losses that did not fall: ${still.join(', ')}.` : '- Every loss fell.'] : []),
  ];
}

/** What is said to calibrate, beside what it stands in for. @param {Study} study @param {readonly Row[]} rows */
function calibration({ runs }, rows) {
  const error = (/** @type {Runs} */ of) => {
    const all = Object.values(of).map((r) => 100 * /** @type {number} */ (r.test.ece));
    return all.length > 0 ? mean(all).toFixed(1) : none;
  };
  const own = rows
    .filter(({ family }) => family === 'self' || family === 'regulariser')
    .map((r) => `${r.name} ${error(r.alone)}`);
  return own.length > 0
    ? [
        `- Calibration error (ECE, percent), alone: labels ${error(runs.labels ?? {})}, kd ${error(runs.kd ?? {})}; ${own.join(', ')}.`,
      ]
    : [];
}

/** @param {string} task @param {Study} study */
function section(task, study) {
  const rows = objectives
    .map((objective) => row(study, objective))
    .filter((r) => [r.alone, r.both, r.balanced].some((of) => Object.keys(of).length > 0));
  const expected = seedsOfStudy * arms.filter(({ tasks }) => tasks === undefined || tasks.includes(task)).length;
  const blank = heads.slice(3).map(() => '');
  const control = (/** @type {string} */ name, /** @type {string} */ family, /** @type {Level | null} */ value) => [
    name,
    family,
    percent(value),
    ...blank,
  ];
  const lines = [
    control('**teacher**', 'control', level([100 * /** @type {number} */ (study.teacher.accuracy)])),
    control('**labels**', 'control', level(accuracies(study.runs.labels ?? {}))),
    control('**kd**', 'control', level(accuracies(study.runs.kd ?? {}))),
    ...rows.map(cells),
  ];
  const line = (/** @type {readonly string[]} */ of) => `| ${of.join(' | ')} |`;
  return [
    `### ${study.title}`,
    '',
    ...sentences(study, rows, expected),
    '',
    line(heads),
    line(heads.map(() => '---')),
    ...lines.map(line),
    '',
  ];
}

/** The measured part of docs/objectives.md. @param {URL} folder */
export function objectivesMarkdown(folder = committed) {
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort()
    : [];
  if (files.length === 0) return 'Nothing is measured yet: `npm run bench:objectives`.';
  const parts = files.flatMap((file) =>
    section(file.replace('.json', ''), /** @type {Study} */ (JSON.parse(readFileSync(new URL(file, folder), 'utf8')))),
  );
  return parts.join('\n').trimEnd();
}
