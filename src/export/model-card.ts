import { answersOf, oneLine } from './answers.ts';
import { layoutOf } from './layouts/list.ts';
import type { StudentFile } from './student-file.ts';

/** Text of README.md in the folder of a student: what it is and how to call it. */
export function modelCard(student: StudentFile): string {
  const { name, architecture, shape, summary } = student;
  const layout = layoutOf(shape);
  const pipeline = pipelineOf(student);
  return [
    ...(pipeline ? ['---', 'library_name: transformers.js', `pipeline_tag: ${pipeline}`, '---', ''] : []),
    `# ${oneLine(name)}`,
    '',
    `A student made with Potstill (${architecture}): one ONNX file, from ${layout.words(student)} to ${answersOf(student).words(student)}.`,
    ...(summary ? ['', summary] : []),
    '',
    ...(pipeline ? transformersUsage(student, pipeline) : []),
    '## onnxruntime-node',
    '',
    ...layout.usage(student),
    '',
  ].join('\n');
}

/** The pipeline of transformers.js that loads a student; null where it has none for such data. */
export const pipelineOf = (student: StudentFile): string | null =>
  layoutOf(student.shape).pipelines?.[answersOf(student).pipeline.kind] ?? null;

/** A folder name that is safe in a URL. */
const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '') || 'student';

function transformersUsage(student: StudentFile, pipeline: string): readonly string[] {
  const [folder, { called, print }] = [slug(student.name), answersOf(student).pipeline];
  return [
    '## transformers.js (browser and Node)',
    '',
    `Serve this folder as \`/models/${folder}\`, then:`,
    '',
    '```js',
    "import { env, pipeline } from '@huggingface/transformers';",
    '',
    'env.allowLocalModels = true;',
    'env.allowRemoteModels = false;',
    "env.localModelPath = '/models/'; // in Node: a path of the file system",
    `const ${called} = await pipeline('${pipeline}', '${folder}');`,
    print(`await ${called}(${layoutOf(student.shape).sample})`),
    '```',
    '',
  ];
}
