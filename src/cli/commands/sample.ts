import { resolveTokenizer } from '../../data/hub/resolve.ts';
import { sampleTexts } from '../../run/sample-texts.ts';
import { defineCommand } from '../command.ts';
import { engineOptions, modelPath, withEngine } from '../engine.ts';
import { exit } from '../faults.ts';
import { hubOf } from '../hub.ts';
import { line } from '../io.ts';
import { count, flag, list, positive, text } from '../option.ts';
import { UsageError } from '../usage-error.ts';

export const sample = defineCommand({
  name: 'sample',
  description: [
    'Has a causal language model (ONNX, token ids to logits at each place, without a cache) write texts, for distillation where there are none. The result is a file of JSON Lines, data of kind text, which any teacher can answer and any student learn from.',
    '',
    'What is written follows from the seed. Stopped with Ctrl-C, the same command goes on where it was.',
  ].join('\n'),
  parameters: [{ name: 'model.onnx', summary: 'The language model, or hf:owner/name' }],
  options: {
    tokenizer: text('path', 'Its tokenizer.json, the folder of that, or the .bin of llama2.c', {
      fallback: 'hf:owner/name as the model',
    }),
    out: text('file.jsonl', 'Where the texts go', { fallback: 'sampled.jsonl' }),
    size: count('n', 'How many texts', { fallback: '1000' }),
    tokens: count('n', 'Most tokens of a text, in those of the model', { fallback: '64' }),
    temperature: positive('t', 'Below 1 more of what is likely, above 1 more of everything', { fallback: '1' }),
    'top-k': count('k', 'Draw among the k likeliest tokens only', { fallback: 'all' }),
    'top-p': positive('p', 'Draw among the likeliest tokens that have the share p together', { fallback: '1' }),
    prompt: list('text', 'What texts begin with; several take turns', { fallback: 'nothing' }),
    seed: count('n', 'Another seed, other texts', { fallback: '1' }),
    text: text('column', 'What the column of the texts is called', { fallback: 'text' }),
    label: list('column', 'Also write this column, empty, for data that has labels elsewhere'),
    force: flag('Replace the file'),
    ...engineOptions,
  },
  examples: [
    {
      line: 'potstill sample stories.onnx --tokenizer tok512.bin --size 2000 --top-p 0.95',
      what: '2,000 short stories in sampled.jsonl.',
    },
    {
      line: 'potstill sample gpt.onnx --tokenizer gpt/ --prompt "The film" --prompt "This book"',
      what: 'Texts on what the teacher is asked about.',
    },
  ],
  async run({ words, options }, io) {
    const [given] = words as [string];
    const {
      out = 'sampled.jsonl',
      size = 1000,
      tokens = 64,
      temperature = 1,
      seed = 1,
      prompt,
      text: column = 'text',
      label,
      force,
    } = options;
    const [topK, topP] = [options['top-k'], options['top-p']];
    if (topP !== undefined && topP > 1) throw new UsageError(`--top-p: found ${topP}; expected a share, at most 1`);
    const named = options.tokenizer ?? (given.startsWith('hf:') ? given : undefined);
    if (named === undefined)
      throw new UsageError('--tokenizer: found none; expected the tokenizer of the model, a file or its folder');
    const tokenizer = await resolveTokenizer(named, { folder: '.', hub: hubOf(io) }, '--tokenizer');
    const spec = { model: await modelPath(given, io), tokenizer, tokens, temperature, topK, topP, prompts: prompt, seed };
    await withEngine(options, (runtime) =>
      sampleTexts(spec, size, out, {
        runtime,
        column,
        empty: label,
        force,
        progress: (done, total) => line(io.stderr, `${done} of ${total} texts`),
      }),
    );
    line(io.stdout, `${size} texts are in ${out}: data: { kind: text, path: ${out} }`);
    return exit.good;
  },
});
