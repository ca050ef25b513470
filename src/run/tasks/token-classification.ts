import { answerSize, type Dataset } from '../../data/dataset.ts';
import { classes } from '../../methods/shorthand.ts';
import type { Model } from '../../models/define.ts';
import { MismatchError } from '../error.ts';
import { argmaxRows, classificationMetrics, fidelityMetrics, type Matrix } from '../metrics.ts';
import { tagsOf } from '../tags.ts';
import { describeClasses } from './class-describe.ts';
import type { Task } from './define.ts';
import { entityMetrics, isIob } from './entities.ts';

/** A class for each word: of entities where the names of the classes are IOB tags. */
export const tokenClassification = (names: readonly string[]): Task => {
  const entities = isIob(names);
  const metrics: Task['metrics'] = (outputs, dataset, teacher) => ({
    ...(entities && entityMetrics(sentences(argmaxRows(outputs), dataset), sentences(tagsOf(dataset).labels, dataset))),
    ...classificationMetrics(outputs, tagsOf(dataset).labels),
    ...(teacher && fidelityMetrics(outputs, teacher)),
  });
  return {
    name: 'token-classification',
    found: 'classes of words',
    headline: { name: entities ? 'f1' : 'accuracy', higherIsBetter: true },
    kinds: classes,
    hardLoss: (smoothing) => ({ kind: 'labels', smoothing }),
    student: answersTokens,
    teacher: (part) => part,
    explains: false,
    given: (output) => output,
    comparable: (logits, dataset) => logits.length === 2 && logits[1] === answerSize(dataset),
    metrics,
    ofTeacher: (teacher, dataset) => metrics(teacher, dataset, null),
    describe: (test, said) => {
      const { labels } = tagsOf(test);
      const told = (of: ArrayLike<number>, i: number): string => sentences(of, test)[i]!.join(' ');
      const tops = new Map<Matrix, Int32Array>();
      const topOf = (m: Matrix): Int32Array => {
        const top = tops.get(m) ?? argmaxRows(m);
        tops.set(m, top);
        return top;
      };
      return {
        behaviour: describeClasses(labels, names, said).behaviour,
        prediction: (m, i) => ({ label: told(topOf(m), i), probability: null }),
        label: (i) => told(labels, i),
        telling: () => {
          const others = [said.scratch, said.teacher].filter((m) => m !== null).map(topOf);
          const own = topOf(said.distilled);
          const { starts } = tagsOf(test);
          return Array.from({ length: test.size }, (_, i) => {
            let differ = 0;
            for (let r = starts[i]!; r < starts[i + 1]!; r++) differ += others.filter((o) => o[r] !== own[r]).length;
            return { i, differ };
          })
            .filter(({ differ }) => differ > 0)
            .sort((a, b) => b.differ - a.differ || a.i - b.i)
            .map(({ i }) => i);
        },
      };
    },
  };
};

/** The names of the classes of each example's words. */
function sentences(of: ArrayLike<number>, dataset: Dataset): readonly (readonly string[])[] {
  const { starts } = tagsOf(dataset);
  return Array.from({ length: dataset.size }, (_, i) =>
    Array.from({ length: starts[i + 1]! - starts[i]! }, (_, k) => dataset.classes![of[starts[i]! + k]!]!),
  );
}

/** @throws MismatchError when it is built, if it has one answer for a whole text. */
const answersTokens = (model: Model): Model => ({
  ...model,
  build(ctx, x) {
    const y = model.build(ctx, x);
    if (y.rank === 3) return y;
    throw new MismatchError(
      `student.model: ${model.name} has one answer for a text, and the data has classes of words; expected an answer for each token; take \`bert\`, or a file`,
    );
  },
});
