import { toHalf } from '../../quantise/half/to-half.ts';
import type { ExportOptions } from '../../recipe/export.ts';
import type { Form } from './define.ts';

export const fp16: Form<Exclude<ExportOptions['fp16'], false>> = {
  name: 'fp16',
  dtype: 'fp16',
  path: 'onnx/model_fp16.onnx',
  async make({ keep }, { file, runtime }) {
    const { bytes, report } = await toHalf(file, { runtime, source: 'the student', keep });
    return { bytes, changed: report.half.length, kept: report.kept };
  },
};
