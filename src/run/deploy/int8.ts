import { quantiseToInt8 } from '../../quantise/int8/quantise.ts';
import type { ExportOptions } from '../../recipe/export.ts';
import type { Form } from './define.ts';

export const int8: Form<Exclude<ExportOptions['int8'], false>> = {
  name: 'int8',
  dtype: 'q8',
  path: 'onnx/model_quantized.onnx',
  provider: 'cpu',
  async make({ keep, keepEnds, products }, { file, runtime, calibration }) {
    const { bytes, report } = await quantiseToInt8(file, {
      runtime,
      calibration: calibration(),
      source: 'the student',
      keep,
      keepEnds,
      products,
    });
    return { bytes, changed: report.quantised.length, kept: report.kept };
  },
};
