import { defineCommand } from '../command.ts';
import { count } from '../option.ts';
import { readPlan, recipeOptions } from '../recipe-file.ts';
import { runAndShow, runOptions } from '../run-and-show.ts';

const recipe = `  name: first
  data: { kind: images, path: ./pictures, height: 32, width: 32 }   # a folder for each class
  teacher: { kind: onnx, model: ./teacher.onnx }
  student: { model: { kind: resnet, depth: 8 } }
  training: { epochs: 20 }`;

export const run = defineCommand({
  name: 'run',
  description: [
    'Trains the student of a recipe from its teacher, and once more without it on the same budget; measures all three on the test split; writes the student (student/), a report (report.html), the numbers (results.json) and everything needed to resume or repeat the run.',
    '',
    'A recipe is YAML or JSON:',
    '',
    recipe,
    '',
    "With `program: { kind: … }` a recipe is carried out as several runs in a row, such as generations or a sweep over sizes ('potstill methods programs' lists them); they are in parts/ of the folder, and the report is of all.",
    '',
    "Paths in it start from the folder you are in. 'potstill methods' lists what it can name; 'potstill schema' gives editors its schema. Ctrl-C saves and stops within a second or two.",
  ].join('\n'),
  parameters: [{ name: 'recipe.yaml', summary: 'The file that says what to do' }],
  options: {
    ...runOptions,
    ...recipeOptions,
    seeds: count('n', 'Repeat with n seeds; the result then comes with its spread', { fallback: 'as the recipe says, else 1' }),
  },
  examples: [
    { line: 'potstill run recipe.yaml', what: 'Runs the recipe and writes to runs/<name>.' },
    { line: 'potstill run recipe.yaml --seeds 3', what: 'Three repetitions: enough to tell a gain from chance.' },
    {
      line: 'potstill run recipe.yaml --set training.epochs=2 --set training.optimizer.learningRate=0.01 --out runs/try',
      what: 'A quick try with other settings.',
    },
    { line: 'potstill run recipe.yaml --resume', what: 'Goes on after Ctrl-C, a crash or a power cut, to the same result.' },
    { line: 'potstill run recipe.yaml --json > events.jsonl', what: 'For programs: every event as one line of JSON.' },
  ],
  async run({ words, options, argv }, io) {
    return runAndShow(await readPlan(words[0]!, options), options, argv, io);
  },
});
