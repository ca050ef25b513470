import { fixed } from '../../report/format.ts';
import { collect } from '../../run/collect.ts';
import { refuseExisting, writeStatistics } from '../../run/statistics-file.ts';
import { defineCommand } from '../command.ts';
import { withEngine } from '../engine.ts';
import { exit } from '../faults.ts';
import { hubOf } from '../hub.ts';
import { line } from '../io.ts';
import { count, flag, list, text } from '../option.ts';
import { readRecipe, recipeOptions } from '../recipe-file.ts';
import { recipeOrRun } from '../recipe-or-run.ts';
import { renderCollected } from '../render/collected.ts';
import { UsageError } from '../usage-error.ts';

export const collectStatistics = defineCommand({
  name: 'collect',
  description:
    'Asks the teacher of a recipe about its train split and records what its layers give: mean, deviation and covariance of each, over all examples and by class. The file holds no example, and no statistic of so few that it would be one. Whoever gets it with the teacher can make inputs up that the teacher answers alike, and train a student on them without the data. Nothing is trained: where the recipe trains its teacher (kind: train), give the folder of a finished run of it.',
  parameters: [{ name: 'recipe.yaml|run-folder', summary: 'A recipe with a teacher, or the folder of a finished run' }],
  options: {
    out: text('file', 'Where the statistics are written', { fallback: 'statistics.safetensors', short: 'o' }),
    layers: list('name', 'A layer to record, by role or tensor name, * for any characters; may be given several times', {
      fallback: 'hidden.*, embedding and logits',
    }),
    'top-only': flag('Only the logits'),
    'per-class': flag('Statistics of each class too'),
    pairs: flag('Covariances between neighbouring layers too'),
    'covariance-up-to': count('n', 'No covariances of layers, or pairs, of more numbers', { fallback: '1024' }),
    'at-least': count('n', 'Nothing of a class, or of all, with fewer examples', { fallback: '20' }),
    force: flag('Replace a file that is there already'),
    ...recipeOptions,
  },
  examples: [
    { line: 'potstill collect recipe.yaml --per-class', what: 'All layers, over all examples and by class.' },
    { line: 'potstill collect runs/demo --top-only --per-class', what: 'Of the teacher that a run trained, what it answers.' },
    { line: "potstill collect recipe.yaml --layers 'conv*' --layers logits", what: 'Layers of an ONNX file by their names.' },
  ],
  async run({ words, options }, io) {
    const { out = 'statistics.safetensors', force, 'top-only': topOnly, layers } = options;
    if (topOnly && layers.length > 0) throw new UsageError('--top-only: found --layers too; expected one of the two');
    refuseExisting(out, force);
    const { path, run } = await recipeOrRun(words[0]!);
    const recipe = await readRecipe(path, options);
    const { threads, provider } = recipe.runtime;
    const named = layers.length > 0 ? layers : undefined;
    const metadata = await withEngine({ threads, provider }, (runtime) =>
      collect(recipe, {
        runtime,
        hub: hubOf(io),
        run,
        layers: topOnly ? ['logits'] : named,
        perClass: options['per-class'],
        pairs: options.pairs,
        covarianceUpTo: options['covariance-up-to'],
        atLeast: options['at-least'],
        onAsk: ({ teacher, examples, layers: asked }) =>
          line(
            io.stderr,
            `Asking ${teacher} about ${fixed(examples, 0)} train examples: ${asked.map(({ tap }) => tap).join(', ')} …`,
          ),
      }),
    );
    const bytes = await writeStatistics(out, metadata, { force });
    io.stdout.write(renderCollected(metadata, out, bytes));
    return exit.good;
  },
});
