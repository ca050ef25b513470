import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fixed } from '../../report/format.ts';
import { type Evaluation, evaluateFile } from '../../run/evaluate-file.ts';
import { readResults } from '../../run/read-record.ts';
import { defineCommand } from '../command.ts';
import { modelPath, withEngine } from '../engine.ts';
import { exit } from '../faults.ts';
import { hubOf } from '../hub.ts';
import { type Io, line } from '../io.ts';
import { flag, text } from '../option.ts';
import { readRecipe, recipeOptions } from '../recipe-file.ts';
import { metricWords } from '../render/words.ts';
import { UsageError } from '../usage-error.ts';

export const evaluate = defineCommand({
  name: 'evaluate',
  description:
    "Measures a model on the test split of a recipe's data: the student of a run, or any ONNX file. A teacher file gets its input as teacher.preprocess of the recipe says; files that Potstill exported have theirs inside.",
  parameters: [
    { name: 'run-folder|model.onnx', summary: 'The folder of a finished run, or an ONNX model (a path or hf:owner/name)' },
  ],
  options: {
    recipe: text('recipe.yaml', 'The recipe with the data', { fallback: 'that of the run', short: 'r' }),
    ...recipeOptions,
    json: flag('Print JSON'),
  },
  examples: [
    { line: 'potstill evaluate runs/demo', what: 'The student of a run on its own test split.' },
    { line: 'potstill evaluate teacher.onnx --recipe recipe.yaml', what: 'Is the teacher as good as it should be?' },
  ],
  async run({ words, options }, io) {
    const { model, run, recipe: own } = await chosen(words[0]!, io);
    const path = options.recipe ?? own;
    if (path === undefined) throw new UsageError(`--recipe is missing; expected the recipe whose data ${model} is measured on`);
    const recipe = await readRecipe(path, options);
    const { threads, provider } = recipe.runtime;
    const found = await withEngine({ threads, provider }, (runtime) =>
      evaluateFile(model, recipe, { runtime, run, hub: hubOf(io, options.json) }),
    );
    line(io.stdout, options.json ? JSON.stringify(found, null, 2) : describe(found));
    return exit.good;
  },
});

/** The model that a word of the command line means. */
async function chosen(
  word: string,
  io: Io,
): Promise<{ readonly model: string; readonly run?: string; readonly recipe?: string }> {
  if (!existsSync(word) || !statSync(word).isDirectory()) return { model: await modelPath(word, io) };
  await readResults(word);
  return { model: join(word, 'student', 'onnx', 'model.onnx'), run: word, recipe: join(word, 'recipe.yaml') };
}

function describe({ model, data, examples, input, metrics }: Evaluation): string {
  const width = Math.max(...Object.keys(metrics).map((name) => name.length));
  return [
    `${model} on ${fixed(examples, 0)} test examples of ${data} (input: ${input})`,
    '',
    ...Object.entries(metrics).map(([name, value]) => `  ${name.padEnd(width)}  ${metricWords(name, value)}`),
  ].join('\n');
}
