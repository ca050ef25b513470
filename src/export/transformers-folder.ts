import { layoutOf } from './layouts/list.ts';
import { modelCard } from './model-card.ts';
import { logits } from './names.ts';
import { type Files, type StudentFile, toJson } from './student-file.ts';

/**
 * The files that a pipeline of transformers.js 4 loads (`image-classification`, `text-classification`); for tables and regression,
 * which have none, the same layout with the columns and targets in `config.json`.
 */
export function transformersFolder(student: StudentFile): Files {
  const { shape, classes, targets, architecture } = student;
  const layout = layoutOf(shape);
  return {
    'config.json': toJson({
      ...layout.config(student),
      // In a browser it would look for a quantised file otherwise.
      ...(layout.pipeline && classes && { 'transformers.js_config': { dtype: 'fp32' } }),
      potstill: { architecture, input: shape },
      ...(classes && labelMaps(classes)),
      ...(!classes && { [logits]: { targets, raw: 'value * std + mean' } }),
    }),
    ...layout.files(student),
    'onnx/model.onnx': student.onnx,
    'README.md': modelCard(student),
  };
}

const labelMaps = (classes: readonly string[]) => ({
  num_labels: classes.length,
  id2label: Object.fromEntries(classes.map((name, i) => [i, name])),
  label2id: Object.fromEntries(classes.map((name, i) => [name, i])),
});
