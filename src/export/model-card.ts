import { features, logits, pixelValues } from './names.ts';
import type { StudentFile } from './student-file.ts';

/** Text of README.md in the folder of a student: what it is and how to call it. */
export function modelCard(student: StudentFile): string {
  const { name, architecture, shape, summary } = student;
  const picture = shape.length === 3;
  return [
    ...(picture && student.classes
      ? ['---', 'library_name: transformers.js', 'pipeline_tag: image-classification', '---', '']
      : []),
    `# ${oneLine(name)}`,
    '',
    `A student made with Potstill (${architecture}): one ONNX file, ${inWords(student)}.`,
    ...(summary ? ['', summary] : []),
    '',
    ...(picture && student.classes ? transformersUsage(name) : []),
    ...(picture ? pictureUsage(student) : rowUsage(student)),
    '',
  ].join('\n');
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

function inWords({ shape, classes, targets }: StudentFile): string {
  const from = shape.length === 3 ? `pictures of ${shape[2]} × ${shape[1]} pixels` : `rows of ${shape[0]} numbers`;
  const to = classes ? `one of ${classes.length} classes` : targets.map((t) => oneLine(t.name)).join(', ');
  return `from ${from} to ${to}`;
}

/** A folder name that is safe in a URL. */
const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '') || 'student';

const transformersUsage = (name: string): readonly string[] => [
  '## transformers.js (browser and Node)',
  '',
  `Serve this folder as \`/models/${slug(name)}\`, then:`,
  '',
  '```js',
  "import { env, pipeline } from '@huggingface/transformers';",
  '',
  'env.allowLocalModels = true;',
  'env.allowRemoteModels = false;',
  "env.localModelPath = '/models/'; // in Node: a path of the file system",
  `const classify = await pipeline('image-classification', '${slug(name)}');`,
  "console.log(await classify('picture.png'));",
  '```',
  '',
];

function pictureUsage({ shape, classes }: StudentFile): readonly string[] {
  const [channels, height, width] = shape as readonly [number, number, number];
  const grey = channels === 1 ? '; grey, one channel or three equal ones' : '';
  return [
    '## onnxruntime-node',
    '',
    `Input \`${pixelValues}\`: [batch, ${channels}, ${height}, ${width}], 0…1${grey}. Mean and standard deviation are inside the file.`,
    ...onnxUsage(
      [
        `const pixels = new Float32Array(${channels} * ${height} * ${width}); // channel after channel, row after row`,
        `const ${pixelValues} = new ort.Tensor('float32', pixels, [1, ${channels}, ${height}, ${width}]);`,
      ],
      pixelValues,
      classes !== null,
    ),
  ];
}

const rowUsage = ({ shape, classes }: StudentFile): readonly string[] => [
  '## onnxruntime-node',
  '',
  `Input \`${features}\`: [batch, ${shape[0]}]. config.json lists the columns in their order; each number goes in as`,
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
    features,
    classes !== null,
  ),
];

const onnxUsage = (input: readonly string[], name: string, classifies: boolean): readonly string[] => [
  '',
  '```js',
  "import * as ort from 'onnxruntime-node';",
  ...input,
  "const session = await ort.InferenceSession.create('onnx/model.onnx');",
  `const { ${logits} } = await session.run({ ${name} });`,
  ...(classifies
    ? [
        `const exps = Array.from(${logits}.data, (x) => Math.exp(x - Math.max(...${logits}.data)));`,
        'const probabilities = exps.map((x) => x / exps.reduce((a, b) => a + b));',
      ]
    : [`console.log(${logits}.data); // per target of config.json: value * std + mean`]),
  '```',
];
