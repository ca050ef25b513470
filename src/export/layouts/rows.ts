import { features } from '../names.ts';
import { type Layout, oneInput } from './define.ts';
import { onnxUsage } from './usage.ts';

/** Rows of a table [D], standardised. */
export const rows: Layout = {
  inputs: (example) => oneInput(features, ['batch', ...example]),
  pipelines: null,
  config: ({ columns }) => ({ model_type: 'potstill', [features]: { columns, value: '(raw - mean) / std' } }),
  files: () => ({}),
  words: ({ shape }) => `rows of ${shape[0]} numbers`,
  sample: '',
  usage: (student) => [
    `Input \`${features}\`: [batch, ${student.shape[0]}]. config.json lists the columns in their order; each number goes in as`,
    '(raw - mean) / std, and a column called `column=level` is 1 for rows of that level and 0 for others, before that.',
    'transformers.js has no pipeline for tables; its runtime loads the file all the same.',
    ...onnxUsage(
      [
        "import { readFileSync } from 'node:fs';",
        '',
        `const { columns } = JSON.parse(readFileSync('config.json', 'utf8')).${features};`,
        'const raw = {}; // a number for each column name',
        'const row = Float32Array.from(columns, ({ name, mean, std, fill }) => ((raw[name] ?? fill) - mean) / std);',
        `const ${features} = new ort.Tensor('float32', row, [1, columns.length]);`,
      ],
      [features],
      student,
    ),
  ],
};
