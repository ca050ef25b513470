import { z } from 'zod';
import { type Recipe, type StudentModelOptions, studentModel, type TeacherOptions } from '../../recipe/recipe.ts';
import type { RunRecord } from '../../run/record.ts';
import { taskOf } from '../../run/tasks/of.ts';
import { defineProgram, issue, type Workshop } from '../define.ts';
import { taughtBy } from '../recipes.ts';
import { sharedTeacher } from '../shared-teacher.ts';
import { validationScore } from '../validation.ts';
import { modelsBetween } from './between.ts';
import { openFidelity } from './fidelity.ts';
import { type Chain, findingsOf } from './findings.ts';
import { type Found, type Path, searches } from './search.ts';
import { largestFirst } from './sizes.ts';

const options = z.strictObject({
  kind: z.literal('teacher-assistant'),
  assistants: z
    .array(studentModel)
    .min(1)
    .max(12)
    .optional()
    .describe('Models between teacher and student, in the order in which they teach each other, the largest first'),
  search: z
    .strictObject({
      sizes: z
        .union([z.array(studentModel).min(1).max(12), z.int().min(1).max(8)])
        .describe(
          'Models that may be assistants, in any order; or how many, evenly spaced between a teacher that the recipe trains and a student of the same architecture',
        ),
      strategy: z
        .enum(['dynamic', 'greedy'])
        .default('dynamic')
        .describe(
          'dynamic: for each size the best teacher among the first and the best of all larger sizes; greedy: adds the assistant that helps most, until none does',
        ),
      budget: z
        .int()
        .min(1)
        .max(500)
        .default(10)
        .describe(
          'Trainings that the search may take, direct distillation among them; dynamic needs 3, 6, 10, 15, … for 1, 2, 3, 4, … sizes',
        ),
    })
    .optional()
    .describe('Finds the chain, by the validation score of the student of the first seed'),
});
type Options = z.output<typeof options>;

/** The models that may stand between teacher and student; null where they cannot be made out of the two. */
function candidates({ assistants, search }: Options, { teacher, student }: Recipe): readonly StudentModelOptions[] | null {
  const sizes = search?.sizes ?? assistants ?? [];
  if (typeof sizes !== 'number') return sizes;
  return teacher?.kind === 'train' ? modelsBetween(teacher.model, student.model, sizes) : null;
}

export const teacherAssistant = defineProgram({
  kind: 'teacher-assistant',
  summary:
    'A chain of sizes from the teacher over assistants to the student, given or searched under a budget; direct distillation and the student from scratch are controls.',
  paper: 'https://arxiv.org/abs/1902.03393',
  expect:
    'A small gain over direct distillation where teacher and student are far apart, often nothing where they are not; others found sequences of distillation steps to be of no use (Cho and Hariharan 2019, arXiv 1910.01348). It costs the training of the assistants.',
  teaches: false,
  options,
  check(o, recipe) {
    const both = o.assistants && o.search;
    return [
      ...(recipe.teacher ? [] : [issue('teacher', 'found none; expected the one at the head of the chain; add `teacher`')]),
      ...(both || !(o.assistants || o.search)
        ? [
            issue(
              'program',
              `found ${both ? 'assistants and search' : 'neither assistants nor search'}; expected one of the two: the chain, or how to find it`,
            ),
          ]
        : []),
      ...(candidates(o, recipe) === null
        ? [
            issue(
              'program.search.sizes',
              `found ${JSON.stringify(o.search!.sizes)}; expected a list of models, since models between teacher and student can be made only for a teacher that the recipe trains and a student that differs from it in numbers alone, as many in each list, with all numbers between allowed`,
            ),
          ]
        : []),
    ];
  },
  async run(o, workshop) {
    const { recipe } = workshop;
    const splits = await workshop.openData(recipe.data);
    const task = taskOf(splits.train);
    const teacher = await sharedTeacher(workshop, task);
    const given = candidates(o, recipe)!;
    const models = o.search ? await largestFirst(given, recipe, splits.train, workshop.options) : given;
    const direct: Path = [models.length];
    const whole: Path = [...models.keys(), models.length];
    const chains = openChains(workshop, [...models, recipe.student.model], { teacher, deployed: o.search ? null : whole });
    const found = o.search ? await searched(o.search, chains, models.length, recipe.seeds[0]!) : null;
    const path: Path = found?.path ?? whole;
    const fidelity = openFidelity(workshop, task, splits, teacher);
    const all: Chain[] = [];
    for (const seed of recipe.seeds) all.push(await chainOf(chains, fidelity, { seed, direct, path }));
    return findingsOf(all, { task, path, models: models.length, found, budget: o.search?.budget ?? null });
  },
});

/** Trainings along paths: each once, in a part of its own. */
interface Chains {
  train(path: Path, seed: number): Promise<RunRecord>;
  /** Name of the part that holds the last model of a path. */
  part(path: Path, seed: number): string;
}

interface Head {
  readonly teacher: TeacherOptions;
  /** The path whose student is delivered in lighter types too; null where it is not known beforehand. */
  readonly deployed: Path | null;
}

function openChains(workshop: Workshop, models: readonly StudentModelOptions[], { teacher, deployed }: Head): Chains {
  const { recipe } = workshop;
  const student = models.length - 1;
  const done = new Map<string, Promise<RunRecord>>();
  const part = (path: Path, seed: number): string =>
    `seed-${seed}/${path.map((i) => (i === student ? 'student' : `assistant-${i + 1}`)).join('-')}`;
  const taught = (path: Path, seed: number): Promise<RunRecord> => {
    const before = path.slice(0, -1);
    const by =
      before.length === 0 ? teacher : ({ kind: 'run', run: workshop.at(part(before, seed)), side: 'distilled' } as const);
    const last = path.at(-1)!;
    const own = taughtBy(recipe, by, { seeds: [seed], student: { ...recipe.student, model: models[last]! } });
    const isDirect = path.length === 1 && last === student;
    return workshop.run(part(path, seed), isDirect ? { ...own, controls: recipe.controls } : own, {
      delivers: path.join() === deployed?.join(),
    });
  };
  const train: Chains['train'] = async (path, seed) => {
    const name = part(path, seed);
    if (path.length > 1) await train(path.slice(0, -1), seed);
    if (!done.has(name)) done.set(name, taught(path, seed));
    return done.get(name)!;
  };
  return { part, train };
}

const searched = (
  { strategy, budget }: NonNullable<Options['search']>,
  chains: Chains,
  assistants: number,
  seed: number,
): Promise<Found> =>
  searches[strategy]({ assistants, budget, train: async (path) => validationScore(await chains.train(path, seed)) });

interface Wanted {
  readonly seed: number;
  readonly direct: Path;
  readonly path: Path;
}

/** Direct distillation and the chain with one seed, measured against the first teacher. */
async function chainOf(
  chains: Chains,
  fidelity: ReturnType<typeof openFidelity>,
  { seed, direct, path }: Wanted,
): Promise<Chain> {
  const { results } = await chains.train(direct, seed);
  const links: Chain['links'][number][] = [];
  for (let length = 1; length <= path.length; length++) {
    const begun = path.slice(0, length);
    const link = (await chains.train(begun, seed)).results;
    const metrics = await fidelity(chains.part(begun, seed), seed);
    links.push({ model: link.distilled.model, parameters: link.distilled.cost.parameters, metrics });
  }
  return { direct: results, links };
}
