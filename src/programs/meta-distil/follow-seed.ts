import { answerSize } from '../../data/dataset.ts';
import { random } from '../../data/random.ts';
import { initialise } from '../../models/build.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import type { HistoryRow } from '../../run/record.ts';
import type { Tensors } from '../../run/store.ts';
import type { Workshop } from '../define.ts';
import type { Judged } from '../unrolled/loop.ts';
import { mixtureOf } from '../unrolled/mixture.ts';
import { type ArmName, armNames } from './arms.ts';
import type { MetaDistilOptions } from './options.ts';
import type { Arrived, Measured } from './report.ts';
import type { School } from './school.ts';
import { dividedFor, type Pair, trainArm } from './train-arm.ts';

/** A part has one seed. */
export const ofSeed = (recipe: Recipe, seed: number): Recipe => ({ ...recipe, seeds: [seed] });
const partOf = (seed: number, arm: ArmName): string => `seed-${seed}/${arm}`;
/** The part of the student whose teacher adapts. */
export const adaptedAt = (seed: number): string => partOf(seed, 'adapted');

/** Trains and measures what is compared, for one seed. */
export async function followSeed(o: MetaDistilOptions, workshop: Workshop, school: School, seed: number): Promise<Measured> {
  const { recipe } = workshop;
  const { splits, student, teacher, task } = school;
  const examples = dividedFor(splits.train, o.quiz, seed);
  const params = initialise(student.model, student.shape, (name) => random(seed, `init/${name}`, 0));
  const models = {
    student: { model: student.model, preprocess: student.preprocess, params, fixed: new Map() },
    teacher: teacher.learner,
    classes: answerSize(splits.train),
    mixture: mixtureOf(recipe),
    optimizer: recipe.training.optimizer,
    program: o,
  };
  const arrived: Record<string, Arrived> = {};
  let delivered: { value: number; weights: Tensors } | null = null;
  for (const [i, arm] of armNames.entries()) {
    workshop.progress(`seed ${seed}: students`, i, armNames.length);
    const place = await workshop.open(partOf(seed, arm), ofSeed(recipe, seed));
    const measure = splits.validation.size > 0 ? measureWith(school) : null;
    const spec = { arm, seed, examples, training: recipe.training, spec: models, measure };
    const { bestValue, ...pair } = await trainArm(spec, place);
    if (arm === 'adapted') delivered = { value: bestValue, weights: pair.student };
    const history = await place.store.history();
    const curve = (role: HistoryRow['role']) =>
      history
        .filter((row) => row.role === role && row.split === 'validation')
        .map((row) => ({ epoch: row.epoch, value: row.metrics![task.headline.name]! }));
    arrived[arm] = {
      ...(await workshop.remember(`${partOf(seed, arm).replace('/', '-')}`, async () => ({
        student: await student.score(pair.student, 'test'),
        teacher: pair.teacher && (await teacher.score(pair.teacher, 'test')),
      }))),
      curve: curve('distilled'),
      teacherCurve: curve('teacher'),
    };
  }
  return { seed, arms: arrived as Measured['arms'], delivered: delivered! };
}

/** The headline on validation decides; the teacher is measured too where it adapts. */
const measureWith =
  ({ student, teacher, task }: School) =>
  async (pair: Pair): Promise<Judged> => {
    const distilled = await student.score(pair.student, 'validation');
    const { name, higherIsBetter } = task.headline;
    return {
      value: (higherIsBetter ? 1 : -1) * distilled[name]!,
      metrics: { distilled, ...(pair.teacher && { teacher: await teacher.score(pair.teacher, 'validation') }) },
    };
  };
