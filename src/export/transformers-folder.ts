import { modelCard } from './model-card.ts';
import { features, logits } from './names.ts';
import { type Files, type StudentFile, toJson } from './student-file.ts';

/**
 * The files that `pipeline('image-classification', folder)` of transformers.js 4 loads; for tables and regression, which have no
 * pipeline, the same layout with the columns and targets in `config.json`.
 */
export function transformersFolder(student: StudentFile): Files {
  const picture = student.shape.length === 3;
  return {
    'config.json': toJson({
      ...(picture && student.classes ? pipelineConfig : { model_type: 'potstill' }),
      potstill: { architecture: student.architecture, input: student.shape },
      ...(student.classes && labelMaps(student.classes)),
      ...(!picture && { [features]: { columns: student.columns, value: '(raw - mean) / std' } }),
      ...(!student.classes && { [logits]: { targets: student.targets, raw: 'value * std + mean' } }),
    }),
    ...(picture && { 'preprocessor_config.json': toJson(preprocessor(student.shape)) }),
    'onnx/model.onnx': student.onnx,
    'README.md': modelCard(student),
  };
}

const pipelineConfig = {
  // transformers.js refuses types that it does not know; for a known one it takes any graph with these inputs and outputs.
  model_type: 'resnet',
  architectures: ['ResNetForImageClassification'],
  // In a browser it would look for a quantised file otherwise.
  'transformers.js_config': { dtype: 'fp32' },
};

const labelMaps = (classes: readonly string[]) => ({
  num_labels: classes.length,
  id2label: Object.fromEntries(classes.map((name, i) => [i, name])),
  label2id: Object.fromEntries(classes.map((name, i) => [name, i])),
});

/** Mean and standard deviation are part of the file, so that only the size and the range are left to do. */
const preprocessor = ([, height, width]: readonly number[]) => ({
  image_processor_type: 'ViTImageProcessor',
  do_convert_rgb: true,
  do_resize: true,
  size: { height, width },
  resample: 2,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: false,
  image_mean: [0, 0, 0],
  image_std: [1, 1, 1],
});
