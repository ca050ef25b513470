import { answersOf } from './answers.ts';
import { layoutOf } from './layouts/list.ts';
import { modelCard, pipelineOf } from './model-card.ts';
import { type Files, type StudentFile, toJson } from './student-file.ts';

/**
 * The files that a pipeline of transformers.js 4 loads: `image-classification` or `text-classification`, and for what is no class
 * `image-feature-extraction` or `feature-extraction`, which give the output as it is. For tables, which have none, the same layout with
 * the columns in `config.json`.
 */
export function transformersFolder(student: StudentFile): Files {
  const { shape, architecture, lighter } = student;
  const layout = layoutOf(shape);
  return {
    'config.json': toJson({
      ...layout.config(student),
      // Unless told it loads the quantised file in a browser, and float32 in Node.
      ...(pipelineOf(student) && !hasWorthy(student) && { 'transformers.js_config': { dtype: 'fp32' } }),
      potstill: { architecture, input: shape },
      ...answersOf(student).config(student),
    }),
    ...layout.files(student),
    'onnx/model.onnx': student.onnx,
    ...Object.fromEntries(lighter.map(({ path, onnx }) => [path, onnx])),
    'README.md': modelCard(student),
  };
}

/** Whether there is a quantised file that loses too little to be only for those who ask for it. */
const hasWorthy = (student: StudentFile): boolean =>
  student.lighter.some(({ dtype, change }) => dtype === 'q8' && answersOf(student).lost(change, student) <= 1);
