import { exportRun } from '../../run/export-run.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../faults.ts';
import { line } from '../io.ts';
import { flag, text } from '../option.ts';

export const exportStudent = defineCommand({
  name: 'export',
  description:
    'Copies the student of a finished run to a folder, in the layout that transformers.js loads: config.json, preprocessor_config.json, onnx/model.onnx, and a README.md that shows how to call it. The folder appears whole or not at all.',
  parameters: [{ name: 'run-folder', summary: 'The folder of a finished run, such as runs/demo' }],
  options: {
    to: text('folder', 'Where to, such as public/models/my-student', { fallback: 'the name of the run' }),
    force: flag('Replace the folder if it is there'),
  },
  examples: [
    {
      line: 'potstill export runs/demo --to public/models/demo',
      what: "Then: pipeline('image-classification', 'demo') in the page.",
    },
  ],
  async run({ words, options }, io) {
    const { folder, files } = await exportRun(words[0]!, { to: options.to, force: options.force });
    line(io.stdout, [`${folder}/`, ...files.map((name) => `  ${name}`)].join('\n'));
    return exit.good;
  },
});
