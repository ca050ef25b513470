import { layoutOf } from './layouts/list.ts';
import type { StudentFile } from './student-file.ts';

/** Text of README.md in the folder of a student: what it is and how to call it. */
export function modelCard(student: StudentFile): string {
  const { name, architecture, shape, classes, summary } = student;
  const layout = layoutOf(shape);
  const pipeline = classes && layout.pipeline;
  return [
    ...(pipeline ? ['---', 'library_name: transformers.js', `pipeline_tag: ${pipeline}`, '---', ''] : []),
    `# ${oneLine(name)}`,
    '',
    `A student made with Potstill (${architecture}): one ONNX file, ${inWords(student)}.`,
    ...(summary ? ['', summary] : []),
    '',
    ...(pipeline ? transformersUsage(name, pipeline, layout.sample) : []),
    '## onnxruntime-node',
    '',
    ...layout.usage(student),
    '',
  ].join('\n');
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

function inWords(student: StudentFile): string {
  const { shape, classes, targets } = student;
  const to = classes ? `one of ${classes.length} classes` : targets.map((t) => oneLine(t.name)).join(', ');
  return `from ${layoutOf(shape).words(student)} to ${to}`;
}

/** A folder name that is safe in a URL. */
const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '') || 'student';

const transformersUsage = (name: string, pipeline: string, sample: string): readonly string[] => [
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
  `const classify = await pipeline('${pipeline}', '${slug(name)}');`,
  `console.log(await classify(${sample}));`,
  '```',
  '',
];
