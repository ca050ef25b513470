import { z } from 'zod';
import { type Recipe, studentModel, type TeacherOptions } from '../../recipe/recipe.ts';
import { taskOf } from '../../run/tasks/of.ts';
import { defineProgram, issue } from '../define.ts';
import { ofTrainedTeacher, taughtBy } from '../recipes.ts';
import { validationScore, validationScores } from '../validation.ts';
import { findingsOf, type Taught } from './findings.ts';

const options = z.strictObject({
  kind: z.literal('teacher-study'),
  models: z
    .array(studentModel)
    .max(12)
    .default([])
    .describe('Teachers beside that of the recipe, trained as it is: how strong a teacher should be'),
  epochs: z
    .union([z.array(z.int().min(1)).min(1).max(30), z.int().min(2).max(30)])
    .default(5)
    .describe(
      "Epochs after which the training of the recipe's teacher is looked at: how long a teacher should train. A number: so many, evenly spaced on a logarithmic scale up to the last",
    ),
  lengths: z
    .enum(['checkpoints', 'trainings'])
    .default('checkpoints')
    .describe(
      'checkpoints: one training, looked at after these epochs, in the midst of its schedule; trainings: one of its own for each, whose schedule ends there',
    ),
});
type Options = z.output<typeof options>;
type Trained = Extract<TeacherOptions, { kind: 'train' }>;

/** The epochs that are looked at, in order, each once; the last of the training is always among them. */
export function epochsOf(asked: Options['epochs'], total: number): readonly number[] {
  const chosen =
    typeof asked === 'number' ? Array.from({ length: asked }, (_, i) => Math.round(total ** (i / (asked - 1)))) : asked;
  return [...new Set([...chosen, total])].sort((a, b) => a - b);
}

export const teacherStudy = defineProgram({
  kind: 'teacher-study',
  summary:
    'One student under teachers of different strength, and under one teacher after different epochs of its training: which teacher is best for this student, and when it should have stopped.',
  paper: 'https://arxiv.org/abs/1910.01348',
  expect:
    'Better teachers do not always teach better (Cho and Hariharan 2019): a student far smaller than its teacher often learns more from a smaller one, or from one that stopped early. On small tasks the differences are often within the spread.',
  teaches: false,
  options,
  check({ models, epochs }, { teacher }) {
    if (teacher?.kind !== 'train')
      return [
        issue(
          'teacher',
          `found ${teacher ? `kind: ${teacher.kind}` : 'none'}; expected kind: train, since its training is looked at; to compare teachers from files, run the recipe with each`,
        ),
      ];
    const total = teacher.training.epochs;
    const late = typeof epochs === 'number' ? [] : epochs.filter((epoch) => epoch > total);
    return [
      ...(late.length > 0
        ? [issue('program.epochs', `found ${late.join(', ')}; expected at most ${total}, as long as teacher.training.epochs is`)]
        : []),
      ...(teacher.training.earlyStopping
        ? [
            issue(
              'teacher.training.earlyStopping',
              'found it; expected a whole training, since this program finds when to stop; take it out',
            ),
          ]
        : []),
      ...(models.length === 0 && epochsOf(epochs, total).length < 2
        ? [issue('program', 'found one teacher; expected several to compare; add models, or epochs before the last')]
        : []),
    ];
  },
  async run(o, workshop) {
    const { recipe } = workshop;
    const task = taskOf((await workshop.openData(recipe.data)).train);
    const teacher = recipe.teacher as Trained;
    const total = teacher.training.epochs;
    const epochs = epochsOf(o.epochs, total);
    let controls: Recipe['controls'] = recipe.controls;
    const trained = async (name: string, change: Partial<Trained>): Promise<Teaching> => {
      const part = ofTrainedTeacher({ ...recipe, teacher: { ...teacher, ...change } }, task)!;
      const { results } = await workshop.run(name, part);
      return { model: results.distilled.model, by: { kind: 'run', run: workshop.at(name), side: 'distilled' } };
    };
    const taught = async (name: string, { model, by }: Teaching, epoch: number | null = null): Promise<Taught> => {
      const record = await workshop.run(name, taughtBy(recipe, by, { controls }));
      // Scratch does not depend on the teacher: once is enough.
      controls = { scratch: false };
      const { results } = record;
      return { teacher: model, epoch, results, validation: validationScores(record), score: validationScore(record) };
    };
    const isKept = o.lengths === 'checkpoints' && epochs.length > 1;
    const own = await trained('teacher', isKept ? { training: { ...teacher.training, keep: [...epochs] } } : {});
    const after: Readonly<Record<Options['lengths'], (epoch: number) => Promise<Teaching>>> = {
      checkpoints: async (epoch) => ({ ...own, by: { ...own.by, epoch } }),
      trainings: async (epoch) =>
        epoch === total ? own : trained(`teacher-of-${epoch}-epochs`, { training: { ...teacher.training, epochs: epoch } }),
    };
    const others = new Map(o.models.map((model) => [JSON.stringify(model), model]));
    others.delete(JSON.stringify(teacher.model));
    const strengths: Taught[] = [];
    if (others.size > 0) strengths.push(await taught('student-of-teacher', own));
    for (const [i, model] of [...others.values()].entries()) {
      strengths.push(await taught(`student-of-teacher-${i + 2}`, await trained(`teacher-${i + 2}`, { model })));
    }
    const lengths: Taught[] = [];
    for (const epoch of epochs.length > 1 ? epochs : []) {
      lengths.push(await taught(`student-of-epoch-${epoch}`, await after[o.lengths](epoch), epoch));
    }
    return findingsOf(strengths, lengths, { note: workshop.note, one: o.lengths === 'checkpoints' });
  },
});

/** A teacher that is trained, by name, and as parts name it. */
interface Teaching {
  readonly model: string;
  readonly by: Extract<TeacherOptions, { kind: 'run' }>;
}
