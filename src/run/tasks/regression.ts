import { answerSize, type Dataset, unscale } from '../../data/dataset.ts';
import { values } from '../../methods/shorthand.ts';
import { regressionMetrics } from '../metrics.ts';
import type { Task } from './define.ts';

/** Values. */
export const regression: Task = {
  name: 'regression',
  found: 'values to predict',
  headline: { name: 'rmse', higherIsBetter: false },
  kinds: values,
  hardLoss: () => ({ kind: 'regression' }),
  student: (model) => model,
  teacher: (part) => part,
  explains: false,
  given: (output) => output,
  comparable: (logits, dataset) => logits.length === 1 && logits[0] === answerSize(dataset),
  metrics: (outputs, dataset) => {
    const raw = (m: Float32Array): Float32Array =>
      m.map((v, i) => v * dataset.targets[i % outputs.width]!.std + dataset.targets[i % outputs.width]!.mean);
    return regressionMetrics({ ...outputs, data: raw(outputs.data) }, raw(targetsOf(dataset)));
  },
  ofTeacher: (teacher, dataset) => regression.metrics(teacher, dataset, null),
  describe: (test, { scratch, teacher, distilled }) => {
    const targets = targetsOf(test);
    const width = test.targets.length;
    const show = (of: Float32Array, i: number): string =>
      test.targets.map((t, k) => unscale(t, of[i * width + k]!).toPrecision(4)).join(', ');
    const distance = (a: Float32Array, b: Float32Array, i: number): number => {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += Math.abs(a[i * width + k]! - b[i * width + k]!);
      return sum;
    };
    return {
      behaviour: () => ({ confusion: [], reliability: [], perClass: [] }),
      prediction: (m, i) => ({ label: show(m.data, i), probability: null }),
      label: (i) => show(targets, i),
      telling: () => {
        const other = scratch ?? teacher;
        if (!other) return [];
        return Array.from({ length: test.size }, (_, i) => i).sort(
          (a, b) => distance(distilled.data, other.data, b) - distance(distilled.data, other.data, a) || a - b,
        );
      },
    };
  },
};

/** Targets of each example, standardised, row by row. */
function targetsOf(dataset: Dataset): Float32Array {
  const width = answerSize(dataset);
  const out = new Float32Array(dataset.size * width);
  for (let i = 0; i < dataset.size; i++) dataset.target(i, out, i * width);
  return out;
}
