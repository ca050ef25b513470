// What a recipe can name, as Markdown: the same lists that `potstill methods` prints.
import { main } from '../../dist/cli/main.js';

/** The catalogue as the command line gives it. @returns {Promise<Record<string, Entry[]>>} */
async function catalogue() {
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
 */

const titles = {
  methods: ['Losses', 'Entries of `losses`. Each has a `weight`; the terms are added up as they are, nothing is renormalised.'],
  models: ['Models', '`student.model`, and `teacher.model` where the run trains its teacher.'],
  optimizers: ['Optimizers', '`training.optimizer`.'],
  data: ['Data', '`data`. Every kind also takes `validation`, `test`, `limit` and `splitSeed`.'],
  augmentations: ['Augmentations', 'Entries of `training.augment`, applied in order; teacher and student see the same view.'],
};

const cell = (/** @type {unknown} */ text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');

/** @param {Entry} entry */
function section({ kind, summary, paper, needs, expect, options }) {
  const rows = options.filter((o) => o.name !== 'kind');
  return [
    `### \`${kind}\``,
    '',
    summary + (paper ? ` ([paper](${paper}))` : ''),
    '',
    ...(needs ? [`Needs ${needs}.`, ''] : []),
    ...(expect ? [`What to expect: ${expect}`, ''] : []),
    ...(rows.length > 0
      ? [
          '| option | type | default | |',
          '|---|---|---|---|',
          ...rows.map(
            (o) =>
              `| \`${o.name}\` | ${cell(o.type)} | ${o.fallback === undefined ? (o.required ? 'required' : '') : `\`${cell(JSON.stringify(o.fallback))}\``} | ${cell(o.description ?? '')} |`,
          ),
          '',
        ]
      : []),
  ];
}

export async function catalogueMarkdown() {
  const lists = await catalogue();
  const parts = Object.entries(lists).flatMap(([name, entries]) => {
    const [title, words] = titles[/** @type {keyof typeof titles} */ (name)] ?? [name, ''];
    return [`## ${title}`, '', words, '', ...entries.flatMap(section)];
  });
  const head = ['# What a recipe can name', '', 'Made from the code by `npm run docs`; `potstill methods` prints the same.', ''];
  return `${[...head, ...parts].join('\n').trimEnd()}\n`;
}
