import { writeReport } from '../../distill.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../faults.ts';
import { line } from '../io.ts';

export const report = defineCommand({
  name: 'report',
  description:
    'Writes report.html of a finished run again, from results.json, details.json, metrics.jsonl and recipe.yaml in its folder: after an update of Potstill, or when the file was lost. Nothing is trained or measured.',
  parameters: [{ name: 'run-folder', summary: 'The folder of a finished run, such as runs/demo' }],
  options: {},
  examples: [{ line: 'potstill report runs/demo', what: 'Writes runs/demo/report.html.' }],
  async run({ words }, io) {
    line(io.stdout, await writeReport(words[0]!));
    return exit.good;
  },
});
