import { basename, join, resolve } from 'node:path';
import { runFolder } from '../../distill.ts';
import type { Explanation } from '../../explain/knowledge.ts';
import { renderExplanation } from '../../report/explain/render.ts';
import { fixed } from '../../report/format.ts';
import { explainTeacher, splitNames } from '../../run/explain-teacher.ts';
import { toJson, writeWhole } from '../../run/files.ts';
import { defineCommand } from '../command.ts';
import { withEngine } from '../engine.ts';
import { exit } from '../faults.ts';
import { hubOf } from '../hub.ts';
import { line } from '../io.ts';
import { choice, count, flag, positive, text } from '../option.ts';
import { readRecipe, recipeOptions } from '../recipe-file.ts';
import { recipeOrRun } from '../recipe-or-run.ts';
import { renderExplained } from '../render/explained.ts';

export const explainTargets = defineCommand({
  name: 'explain',
  description:
    'Asks the teacher of a recipe about its data and shows what its soft targets say beyond the labels: which classes look alike, how soft the targets are at which temperature, which examples are hard, ambiguous or possibly mislabelled, the order from easy to hard, and the temperature to start from and why. Writes explain.html and explain.json and prints a summary. Nothing is trained: where the recipe trains its teacher (kind: train), give the folder of a finished run of it.',
  parameters: [{ name: 'recipe.yaml|run-folder', summary: 'A recipe with a teacher, or the folder of a finished run' }],
  options: {
    split: choice(splitNames, 'Which part of the data', { fallback: 'train, which the student learns from' }),
    limit: count('n', 'At most so many examples, spread evenly', { fallback: 'all' }),
    temperature: positive('T', 'Compare classes at this temperature', { fallback: 'the one to start from' }),
    examples: count('n', 'Examples shown of each kind', { fallback: '12' }),
    out: text('folder', 'Where the two files are written', { fallback: 'runs/<name>-explained', short: 'o' }),
    ...recipeOptions,
    json: flag('Print explain.json and nothing else'),
  },
  examples: [
    { line: 'potstill explain recipe.yaml', what: 'What does this teacher know, and which temperature suits it?' },
    { line: 'potstill explain runs/demo --split test', what: 'The teacher that a run trained, on examples new to it.' },
    { line: 'potstill explain recipe.yaml --limit 2000', what: 'A quick look at a large set.' },
  ],
  async run({ words, options }, io) {
    const { path, run } = await recipeOrRun(words[0]!);
    const recipe = await readRecipe(path, options);
    const { split, limit, temperature, examples } = options;
    const { threads, provider } = recipe.runtime;
    const explanation = await withEngine({ threads, provider }, (runtime) =>
      explainTeacher(recipe, {
        runtime,
        hub: hubOf(io, options.json),
        run,
        split,
        limit,
        temperature,
        examples,
        onAsk: ({ teacher, split: part, examples: n }) =>
          line(io.stderr, `Asking ${teacher} about ${fixed(n, 0)} ${part} examples …`),
      }),
    );
    const folder =
      options.out ?? `${run === undefined ? runFolder(recipe.name) : join(run, '..', basename(resolve(run)))}-explained`;
    await write(folder, explanation);
    if (options.json) line(io.stdout, JSON.stringify(explanation));
    else io.stdout.write(renderExplained(explanation, folder));
    return exit.good;
  },
});

async function write(folder: string, explanation: Explanation): Promise<void> {
  await writeWhole(join(folder, 'explain.json'), toJson(explanation));
  await writeWhole(join(folder, 'explain.html'), renderExplanation(explanation));
}
