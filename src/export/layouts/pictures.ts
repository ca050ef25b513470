import { reduceMean } from '../../ops/reduce.ts';
import { pixelValues } from '../names.ts';
import { toJson } from '../student-file.ts';
import { type Layout, oneInput } from './define.ts';
import { onnxUsage } from './usage.ts';

const grey = ([channels]: readonly number[]): boolean => channels === 1;

/** Pictures [C, H, W], 0…1. */
export const pictures: Layout = {
  // Browsers only know pictures of three channels: grey ones come in any number of equal channels.
  inputs: (example) =>
    grey(example)
      ? oneInput(pixelValues, ['batch', 'channels', ...example.slice(1)], (x) => reduceMean(x, [1], true))
      : oneInput(pixelValues, ['batch', ...example]),
  pipelines: { classes: 'image-classification', numbers: 'image-feature-extraction' },
  config: ({ classes }) => ({
    // transformers.js refuses types that it does not know; for a known one it takes any graph with these inputs and outputs.
    model_type: 'resnet',
    architectures: [classes ? 'ResNetForImageClassification' : 'ResNetModel'],
  }),
  files: ({ shape }) => ({ 'preprocessor_config.json': toJson(preprocessor(shape)) }),
  words: ({ shape }) => `pictures of ${shape[2]} × ${shape[1]} pixels`,
  sample: "'picture.png'",
  usage(student) {
    const { shape } = student;
    const [channels, height, width] = shape as readonly [number, number, number];
    const more = grey(shape) ? '; grey, one channel or three equal ones' : '';
    return [
      `Input \`${pixelValues}\`: [batch, ${channels}, ${height}, ${width}], 0…1${more}. Mean and standard deviation are inside the file.`,
      ...onnxUsage(
        [
          `const pixels = new Float32Array(${channels} * ${height} * ${width}); // channel after channel, row after row`,
          `const ${pixelValues} = new ort.Tensor('float32', pixels, [1, ${channels}, ${height}, ${width}]);`,
        ],
        [pixelValues],
        student,
      ),
    ];
  },
};

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
