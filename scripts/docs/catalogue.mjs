// What a recipe can name, as Markdown: the same lists that `potstill methods` prints.
import { stringify } from 'yaml';
import { main } from '../../dist/cli/main.js';
import { common } from '../../dist/methods/options.js';
import { teacherWeightings } from '../../dist/methods/responses/teacher-weights/list.js';

/** The catalogue as the command line gives it. @returns {Promise<Record<string, Entry[]>>} */
export async function catalogue() {
  let text = '';
  const sink = {
    write: (/** @type {string} */ part) => {
      text += part;
    },
  };
  await main(['methods', '--json'], /** @type {any} */ ({ stdout: sink, stderr: sink }));
  return JSON.parse(text);
}

/**
 * @typedef {{ name: string, type: string, required: boolean, fallback?: unknown, description?: string }} Option
 * @typedef {{ kind: string, summary: string, paper?: string, needs?: string, expect?: string, options: Option[] }} Entry
 * @typedef {{ title: string, words: string, one?: string, presets?: string }} Topic
 *   `one`: what an entry is called where an option takes one. `presets`: all entries have the options of the one that is called so, with
 *   other values: only there they are explained.
 */

const losses =
  'An entry of `losses`, `stages[].losses`. What each needs, and what to expect of it, is said with it; [objectives.md](objectives.md) says where to begin.';

/** @type {Readonly<Record<string, Topic>>} */
const topics = {
  targets: { title: 'Losses: the labels', words: 'What training without a teacher learns from.' },
  responses: { title: 'Losses: responses', words: 'What the teacher answers, and losses on answers that need none.' },
  features: {
    title: 'Losses: features',
    words: 'What the teacher computes on the way. [Taps, projectors](objectives.md#features)',
  },
  relations: { title: 'Losses: relations', words: 'How the examples of a batch relate to each other; widths may differ.' },
  attention: { title: 'Losses: attention', words: 'Where a transformer looks. [Conventions](objectives.md#attention)' },
  self: { title: 'Losses: self', words: 'What a student learns from itself, its past, or other students.' },
  'layer-maps': {
    title: 'Layer maps',
    words: 'The option `layers`: a name, `{ map: name, … }` with options, or a list of `{ student, teacher }` taps.',
    one: '[layer map](#layer-maps)',
  },
  schedules: {
    title: 'Schedules',
    words:
      'Numbers that change with the step: `{ schedule: name, … }` in place of a `weight` or a `temperature`. Shares are of the training (each stage is one), rates per epoch.',
    one: '[schedule](#schedules)',
  },
  temperatures: {
    title: 'Temperatures',
    words: 'Rules for `temperature`: `{ by: name, … }`. They look at the batch, or learn.',
    one: '[rule](#temperatures)',
  },
  weightings: {
    title: 'Example weightings',
    words:
      'Entries of `examples` of a loss: `{ by: name, … }`. Several are multiplied; the weights of the examples of a batch that count are scaled to a mean of 1.',
    one: '[weighting](#example-weightings)',
  },
  'teacher-weights': {
    title: 'Weights of teachers',
    words: 'The option `weights` of `ensemble-kd`: `{ by: name, … }`. [Several teachers](objectives.md#several-teachers)',
  },
  repairs: {
    title: 'Repairs',
    words: 'Entries of `repairs`: changes of the teacher’s answers before any loss sees them, in order.',
    one: '[repair](#repairs)',
  },
  models: { title: 'Models', words: '`student.model`, and `teacher.model` where the run trains its teacher.' },
  optimizers: { title: 'Optimizers', words: '`training.optimizer`.' },
  data: { title: 'Data', words: '`data`. Every kind also takes `validation`, `test`, `limit` and `splitSeed`.' },
  augmentations: {
    title: 'Augmentations',
    words: 'Entries of `training.augment`, applied in order; teacher and student see the same view.',
  },
  programs: { title: 'Programs', words: '`program`: what takes more than one run. [What they do](programs.md)' },
  'data-free': {
    title: 'Data-free methods',
    words:
      'Entries of `methods` of `program: { kind: data-free }`: a name, or `{ kind: name, … }` with some of its parts named otherwise. Each is made of the parts that [`custom`](#custom) explains; below they stand as they are published. [When to take which](data-free.md#which-method)',
    presets: 'custom',
  },
  inputs: { title: 'Inputs', words: 'Where the examples of a [data-free method](#data-free-methods) come from.' },
  priors: {
    title: 'Priors',
    words:
      'What is expected of the examples of a [data-free method](#data-free-methods): numbers that are made small, added with their weights.',
  },
};

/** Names of lists as types of options. @type {Readonly<Record<string, string>>} */
const links = {
  inputs: '[inputs](#inputs)',
  'list of priors': 'list of [priors](#priors)',
  optimizer: '[optimizer](#optimizers)',
  'list of losses': 'list of [losses](#every-loss)',
};

const families = ['targets', 'responses', 'features', 'relations', 'attention', 'self'];
const cell = (/** @type {unknown} */ text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');

/** Where the alternatives of an option are the entries of a topic, one link in place of them. @param {Record<string, Entry[]>} lists */
const shortener = (lists) => {
  const named = Object.entries(topics).flatMap(([name, { one }]) =>
    one ? [{ one, names: new Set(lists[name]?.map((e) => e.kind)) }] : [],
  );
  const ofTeachers = {
    one: '[rule](objectives.md#several-teachers)',
    names: new Set(teacherWeightings.map((/** @type {{ by: string }} */ { by }) => by)),
  };
  const kinds = [...named, ofTeachers];
  return (/** @type {string} */ type) => {
    if (links[type] !== undefined) return links[type];
    const list = type.startsWith('list of ') ? 'list of ' : '';
    const parts = type.slice(list.length).split(' | ');
    const nameOf = (/** @type {string} */ part) => /^\{ \w+: ([\w-]+), … \}$/.exec(part)?.[1];
    for (const { one, names } of kinds) {
      // Rules of other lists may share single names: only a list that is there as a whole is replaced.
      const given = new Set(parts.map(nameOf));
      if (![...names].every((name) => given.has(name))) continue;
      const at = parts.findIndex((part) => names.has(nameOf(part) ?? ''));
      parts[at] = one;
      const rest = parts.filter((part) => part === one || !names.has(nameOf(part) ?? part));
      parts.splice(0, parts.length, ...rest);
    }
    return list + parts.join(' | ');
  };
};

/** @param {Option[]} rows @param {(type: string) => string} short */
const table = (rows, short) =>
  rows.length === 0
    ? []
    : [
        '| option | type | default | |',
        '|---|---|---|---|',
        ...rows.map(
          (o) =>
            `| \`${o.name}\` | ${cell(short(o.type))} | ${o.fallback === undefined ? (o.required ? 'required' : '') : `\`${cell(JSON.stringify(o.fallback))}\``} | ${cell(o.description ?? '')} |`,
        ),
        '',
      ];

/** Values in place of usual ones, as a recipe would have them. @param {Option[]} options */
const presetTable = (options) => [
  '| part | |',
  '|---|---|',
  ...options.flatMap(({ name, fallback }) =>
    fallback === undefined ? [] : [`| \`${name}\` | \`${cell(inRecipe(fallback))}\` |`],
  ),
  '',
];

/** A value on one line of YAML. @param {unknown} value */
const inRecipe = (value) =>
  stringify(value, (_, v) => (typeof v === 'number' ? Number(v.toPrecision(4)) : v), {
    collectionStyle: 'flow',
    lineWidth: 0,
  })
    .replaceAll('[ ', '[')
    .replaceAll(' ]', ']')
    .trim();

/** @param {Entry} entry @param {ReadonlySet<string>} known Options that are explained elsewhere. @param {(type: string) => string} short @param {boolean} preset */
function section({ kind, summary, paper, needs, expect, options }, known, short, preset) {
  return [
    `### \`${kind}\``,
    '',
    summary + (paper ? ` ([paper](${paper}))` : ''),
    '',
    ...(needs ? [`Needs ${needs}.`, ''] : []),
    ...(expect ? [`What to expect: ${expect}`, ''] : []),
    ...(preset
      ? presetTable(options)
      : table(
          options.filter((o) => o.name !== 'kind' && !known.has(o.name)),
          short,
        )),
  ];
}

/** The page docs/methods.md. */
export async function catalogueMarkdown() {
  const lists = await catalogue();
  const short = shortener(lists);
  const shared = new Set(Object.keys(common));
  const every = lists.targets?.[0]?.options.filter((o) => shared.has(o.name)) ?? [];
  const parts = Object.entries(lists).flatMap(([name, entries]) => {
    const { title, words, presets } = topics[name] ?? { title: name, words: '' };
    const known = families.includes(name) ? shared : new Set();
    const told = entries.flatMap((e) => section(e, known, short, presets !== undefined && e.kind !== presets));
    return [`## ${title}`, '', words, '', ...told];
  });
  const head = [
    '# What a recipe can name',
    '',
    'Made from the code by `npm run docs`; `potstill methods` prints the same.',
    '',
    Object.entries(topics)
      .filter(([name]) => name in lists)
      .map(
        ([, { title }]) =>
          `[${title}](#${title
            .toLowerCase()
            .replaceAll(/[^a-z -]/g, '')
            .replaceAll(' ', '-')})`,
      )
      .join(' · '),
    '',
    '## Every loss',
    '',
    `${losses} The terms are added up as they are, nothing is renormalised. Every loss has these options, which the tables below leave out:`,
    '',
    ...table(every, short),
  ];
  return `${[...head, ...parts].join('\n').trimEnd()}\n`;
}
