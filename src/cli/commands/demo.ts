import { parsePlan } from '../../programs/parse.ts';
import { defineCommand } from '../command.ts';
import { demoRecipe } from '../demo-recipe.ts';
import { exit } from '../faults.ts';
import { line } from '../io.ts';
import { runAndShow, runOptions } from '../run-and-show.ts';

export const demo = defineCommand({
  name: 'demo',
  description:
    'Trains a convolutional teacher on pictures that are made on the spot (distorted glyphs, three in ten with a label), distils it into a student that needs a hundredth of its arithmetic, trains the same student without the teacher, and says which is better. Nothing is downloaded; it takes about two minutes on two cores.',
  parameters: [],
  options: { ...runOptions, out: { ...runOptions.out, fallback: 'runs/demo' } },
  examples: [
    { line: 'potstill demo', what: 'Runs it and writes to runs/demo.' },
    { line: 'potstill demo --force', what: 'Runs it again, in place of the run before.' },
  ],
  async run({ options, argv }, io) {
    const code = await runAndShow(parsePlan(demoRecipe, 'demo'), options, argv, io);
    if (code === exit.good && !options.json) line(io.stdout, next(options.out ?? 'runs/demo'));
    return code;
  },
});

const next = (directory: string): string =>
  [
    '',
    'What next:',
    `  open ${directory}/report.html`,
    `  copy ${directory}/recipe.yaml, put your own data and teacher in, and: potstill run recipe.yaml`,
    `  potstill profile ${directory}/student/onnx/model.onnx`,
  ].join('\n');
