import { answerSize } from '../../data/dataset.ts';
import { classes } from '../../methods/shorthand.ts';
import { labelsOf } from '../evaluate.ts';
import { classificationMetrics, fidelityMetrics } from '../metrics.ts';
import { describeClasses } from './class-describe.ts';
import type { Task } from './define.ts';

/** One of several classes. */
export const classification: Task = {
  name: 'classification',
  found: 'classes',
  headline: { name: 'accuracy', higherIsBetter: true },
  kinds: classes,
  hardLoss: (smoothing) => ({ kind: 'labels', smoothing }),
  student: (model) => model,
  teacher: (part) => part,
  explains: true,
  given: (output) => output,
  comparable: (logits, dataset) => logits.length === 1 && logits[0] === answerSize(dataset),
  metrics: (outputs, dataset, teacher) => ({
    ...classificationMetrics(outputs, labelsOf(dataset)),
    ...(teacher && fidelityMetrics(outputs, teacher)),
  }),
  ofTeacher: (teacher, dataset) => classification.metrics(teacher, dataset, null),
  describe: (test, said) => describeClasses(labelsOf(test), test.classes!, said),
};
