import { loadModelFile } from '../../data/model-file.ts';
import { describeInspection, inspect as look } from '../../models/inspect.ts';
import { defineCommand } from '../command.ts';
import { modelPath, withEngine } from '../engine.ts';
import { exit } from '../faults.ts';
import { line } from '../io.ts';
import { flag, sizes } from '../option.ts';

export const inspect = defineCommand({
  name: 'inspect',
  description:
    'Shows inputs, outputs, parameters and multiply-accumulates of an ONNX model, every tensor that a method can tap (with its name and shape; N is the batch), the roles that its structure shows, and the operators through which no gradient can pass.',
  parameters: [{ name: 'model.onnx', summary: 'The model, or hf:owner/name; weights in other files must lie in its folder' }],
  options: {
    size: sizes('name=number', 'A size that the model leaves open, other than the batch; may be given several times'),
    json: flag('Print JSON'),
  },
  examples: [
    { line: 'potstill inspect teacher.onnx', what: 'Before a recipe is written: what is in there?' },
    { line: 'potstill inspect bert.onnx --size sequence=128 --json', what: 'For programs, with an open size settled.' },
  ],
  async run({ words, options }, io) {
    const file = loadModelFile(await modelPath(words[0]!, io));
    const found = await withEngine({ threads: undefined, provider: undefined }, (runtime) =>
      look(file, runtime, { dims: options.size }),
    );
    line(io.stdout, options.json ? JSON.stringify(found, null, 2) : describeInspection(found));
    return exit.good;
  },
});
