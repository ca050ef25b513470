import { lossSchema } from '../../methods/index.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { deliver } from '../../run/deliver.ts';
import { settledMethod } from '../../synthesis/methods/settled.ts';
import { defineProgram, issue, type Workshop } from '../define.ts';
import { rowAcross, rowsByClass } from '../gallery.ts';
import type { Gallery } from '../record.ts';
import { bestOf, type Compared, findings, type Real } from './findings.ts';
import { followMethod, type Kept, partOf } from './follow.ts';
import { type Lab, openLab } from './lab.ts';
import { checkMethods, type DataFreeOptions, options } from './options.ts';

export const dataFree = defineProgram({
  kind: 'data-free',
  summary:
    'Distillation without the training data: examples are made up from the teacher alone, in one or several published ways.',
  paper: 'https://arxiv.org/abs/1912.11006',
  expect:
    'On digits nearly the student that had the data; on natural pictures a few points to much less, and hours. Measured on real examples where there are any, else only as agreement with the teacher.',
  teaches: false,
  withoutExamples: true,
  ownLosses: true,
  options,
  check: (o, recipe) => [
    ...(recipe.teacher ? [] : [issue('teacher', 'found none; expected one to make examples up from')]),
    ...(recipe.stages.length > 0
      ? [issue('stages', 'found some; expected none, since the student is trained in one go; take them out')]
      : []),
    ...(recipe.student.initialise
      ? [issue('student.initialise', 'found it; expected none, since students start from chance here; take it out')]
      : []),
    ...checkMethods(o, recipe),
  ],
  async run(o, workshop) {
    const lab = await openLab(o, workshop);
    const { recipe } = lab;
    const methods = o.methods.map(settledMethod);
    const compared: Compared[] = [];
    const galleries: Gallery[] = [];
    const kept = new Map<string, Kept>();
    for (const [m, method] of methods.entries()) {
      const followed: Kept[] = [];
      for (const [s, seed] of recipe.seeds.entries()) {
        workshop.progress(`${method.title}, seed ${seed}`, m * recipe.seeds.length + s, methods.length * recipe.seeds.length);
        const one = await followMethod(o, method, lab, workshop, seed);
        kept.set(partOf(method, seed), one);
        followed.push(one);
      }
      galleries.push(...(await shownOf(o, method.title, followed[0]!, lab, workshop)));
      compared.push({
        title: method.title,
        control: method.control,
        seeds: followed.map(({ weights: _, fresh: __, moments: ___, ...f }) => f),
      });
    }
    const facts = { task: lab.task, compared, real: await realOf(o, lab, workshop), galleries };
    const found = findings(facts);
    const best = bestOf(facts);
    // Nothing real chooses the seed.
    const seed = best.seeds.reduce((a, b) => (b.agreement > a.agreement ? b : a)).seed;
    const part = partOf(best, seed);
    const place = await workshop.open(part, { ...recipe, seeds: [seed] });
    const { weights, fresh } = kept.get(part)!;
    // What is made smaller for delivery is measured on made-up examples too.
    await deliver({ ...place, splits: { ...place.splits, train: fresh.dataset } }, weights, found.sentence);
    workshop.note(`The student of ${best.title} (seed ${seed}) is in parts/${part}/student.`);
    return found;
  },
});

/** What a method made, class by class, or in a row where there are no classes, and on the way. */
async function shownOf(
  { shown }: DataFreeOptions,
  title: string,
  { fresh, seed, moments }: Kept,
  { splits }: Lab,
  workshop: Workshop,
): Promise<readonly Gallery[]> {
  const { classes } = splits.train;
  if (shown === 0) return [];
  const choice = { each: shown, by: 'random', seed } as const;
  const judged = { dataset: fresh.dataset, logits: fresh.logits, classes: classes ?? ['made up'] };
  const folder = partOf({ title }, seed).replaceAll('/', '-');
  const rows = classes
    ? await rowsByClass(workshop, folder, judged, choice)
    : [await rowAcross(workshop, folder, 'made up', judged, choice)];
  return [
    { title, note: 'By the class that the teacher sees in them; below each how sure it is.', rows },
    ...(moments.length > 1
      ? [{ title: `${title}, as time went by`, note: 'One of each class, where there was one.', rows: moments }]
      : []),
  ];
}

/** What the teacher, and students that had the data, come to; null where there is no real test split. */
async function realOf(
  { withData }: DataFreeOptions,
  { recipe, splits, task, said }: Lab,
  workshop: Workshop,
): Promise<Real | null> {
  if (splits.test.size === 0) return null;
  const teacher = said.test && task.ofTeacher(said.test, splits.test);
  const { name } = task.headline;
  if (!withData || splits.train.size === 0) return { teacher, withData: null };
  const { results } = await workshop.run('with-data', taughtOnData(recipe));
  const of = (side: typeof results.distilled | null) => side?.metrics[name] ?? null;
  return { teacher, withData: { distilled: of(results.distilled)!, scratch: of(results.scratch) } };
}

/** The recipe as a run with the data: with soft targets alone unless it says otherwise, as methods without the data have. */
const taughtOnData = (recipe: Recipe): Recipe =>
  recipe.losses || recipe.objective ? recipe : { ...recipe, losses: [lossSchema.parse({ kind: 'kd', temperature: 4 })] };
