import { z } from 'zod';
import { type LossOptions, lossSchema } from '../methods/index.ts';
import { fromShorthand } from '../methods/shorthand.ts';
import type { Recipe, TeacherOptions } from '../recipe/recipe.ts';
import { scoreTeacher } from '../run/score-teacher.ts';
import type { Headline, Task } from '../run/tasks/define.ts';
import { taskOf } from '../run/tasks/of.ts';
import { defineProgram, issue, type Workshop } from './define.ts';
import { compare, over, told, unitOf } from './findings.ts';
import { onLabels, taughtBy } from './recipes.ts';
import type { Findings, Table } from './record.ts';

type Scores = Readonly<Record<string, number>>;
/** Test scores of a chain, by generation; of the ensemble of all up to a generation from the second on. */
interface Chain {
  readonly generations: readonly Scores[];
  readonly ensembles: readonly Scores[];
}

const options = z.strictObject({
  kind: z.literal('born-again'),
  generations: z.int().min(2).max(20).default(3).describe('Students in a row, the first on labels alone'),
  labels: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Share of the labels in the loss of every later generation; the rest are the soft targets of the one before'),
  temperature: z.number().positive().default(1).describe('Of the soft targets'),
  weighting: z
    .enum(['none', 'cwtm', 'dkpp'])
    .default('none')
    .describe(
      'cwtm: labels alone, examples weighted by how sure the generation before is; dkpp: its soft targets with all classes but the first choice permuted',
    ),
});
type Options = z.output<typeof options>;

/** How each weighting teaches: losses, and what is done to the answers of the generation before. */
const ways: Readonly<
  Record<Options['weighting'], (o: Options, task: Task) => Pick<Recipe, 'repairs'> & { losses: LossOptions[] }>
> = {
  none: (o, task) => ({ losses: mixed(o, task), repairs: [] }),
  cwtm: (_, task) => ({
    losses: [lossSchema.parse({ ...task.hardLoss!(0), examples: [{ by: 'confidence' }] })],
    repairs: [],
  }),
  dkpp: (o, task) => ({ losses: mixed(o, task), repairs: [{ repair: 'permute' }] }),
};

const mixed = ({ labels, temperature }: Options, { kinds }: Task): LossOptions[] =>
  fromShorthand({ alpha: 1 - labels, temperature, form: 'convex' }, kinds);

export const bornAgain = defineProgram({
  kind: 'born-again',
  summary:
    'Students of one size in a row, each from its own start and taught by the one before; their ensembles are measured too.',
  paper: 'https://arxiv.org/abs/1805.04770',
  expect:
    'A little better than the first on average, not from each generation to the next (§5, table 2: 16.62, 16.44, 16.72 % error); the ensemble is better than any of its members.',
  teaches: true,
  options,
  check: (_, recipe) => [
    ...(recipe.teacher
      ? [issue('teacher', 'found one; expected none, since each generation is taught by the one before; take it out')]
      : []),
  ],
  async run(o, workshop) {
    const task = taskOf((await workshop.openData(workshop.recipe.data)).train);
    const chains: Chain[] = [];
    for (const seed of workshop.recipe.seeds) chains.push(await chain(o, workshop, task, seed));
    return findings(task.headline, chains, o);
  },
});

const partOf = (seed: number, generation: number): string => `seed-${seed}/generation-${generation}`;
/** Every generation starts from weights of its own. */
const startOf = (seed: number, generation: number): number => seed + 1000 * (generation - 1);

async function chain(o: Options, workshop: Workshop, task: Task, seed: number): Promise<Chain> {
  const { recipe } = workshop;
  const generations: Scores[] = [];
  const ensembles: Scores[] = [];
  const before: TeacherOptions[] = [];
  const { losses, objective, ...rest } = recipe;
  const taught: Recipe = losses || objective ? recipe : { ...rest, ...ways[o.weighting](o, task) };
  for (let generation = 1; generation <= o.generations; generation++) {
    const name = partOf(seed, generation);
    const seeds = [startOf(seed, generation)];
    const part = before.length === 0 ? onLabels(recipe, task, { seeds }) : taughtBy(taught, before.at(-1)!, { seeds });
    const { results } = await workshop.run(name, part, { delivers: generation === o.generations });
    generations.push(Object.fromEntries(Object.entries(results.distilled.metrics).map(([metric, { mean }]) => [metric, mean])));
    before.push({ kind: 'run', run: workshop.at(name), side: 'distilled' });
    if (generation === 1) continue;
    const teacher = { kind: 'ensemble', members: before.slice(), mean: 'probabilities', weights: 'equal' } as TeacherOptions;
    ensembles.push(
      await workshop.remember(`${partOf(seed, generation).replace('/', '-')}-ensemble`, async () => {
        const { metrics } = await scoreTeacher({ ...recipe, teacher }, workshop.options);
        return metrics;
      }),
    );
  }
  return { generations, ensembles };
}

function findings(headline: Headline, chains: readonly Chain[], { generations: count }: Options): Findings {
  const { name } = headline;
  const unit = unitOf(name);
  const of = (generation: number, metric: string) =>
    over(
      chains.map((c) => c.generations[generation]!),
      metric,
    );
  const together = (generation: number, metric: string) =>
    over(
      chains.map((c) => c.ensembles[generation - 1]!),
      metric,
    );
  const metrics = Object.keys(chains[0]!.ensembles[0]!);
  const places = Array.from({ length: count }, (_, g) => g);
  const [first, last, all] = [of(0, name), of(count - 1, name), together(count - 1, name)];
  const gain = compare(headline, last, first);
  const ensemble = compare(headline, all, last);
  const table: Table = {
    title: 'Generations, measured on the test split',
    note: 'Each generation starts from weights of its own and is taught by the one before; the first learns from labels alone. An ensemble is the mean of the probabilities of all generations up to that one.',
    columns: metrics.map((metric) => ({ title: metric, unit: unitOf(metric) })),
    rows: [
      ...places.map((g) => ({
        name: `generation ${g + 1}${g === 0 ? ', labels alone' : ''}`,
        cells: metrics.map((metric) => of(g, metric)),
        control: g === 0,
      })),
      ...places.slice(1).map((g) => ({ name: `ensemble of ${g + 1}`, cells: metrics.map((metric) => together(g, metric)) })),
    ],
  };
  const points = (at: (g: number) => ReturnType<typeof of>, from: number) =>
    places.slice(from).map((g) => ({ x: g + 1, y: at(g).mean, spread: at(g).spread }));
  return {
    sentence: `After ${count} generations ${name} is ${told(name, last.mean)}, ${gain.words} from the first; the ensemble of all gives ${told(name, all.mean)}, ${ensemble.words} from the last.`,
    figures: [
      { value: first, unit, words: 'first generation, on labels alone' },
      { value: last, unit, words: `generation ${count}` },
      { value: all, unit, words: `ensemble of ${count}` },
    ],
    tables: [table],
    charts: [
      {
        title: `Test ${name} by generation`,
        x: { label: 'generation', unit: 'number' },
        y: { label: name, unit },
        series: [
          { name: 'student', points: points((g) => of(g, name), 0) },
          { name: 'ensemble so far', points: points((g) => together(g, name), 1) },
        ],
      },
    ],
  };
}
