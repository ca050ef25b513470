import { random } from '../../data/random.ts';
import { sameShape, type Tensor } from '../../graph/type.ts';
import { initialise } from '../../models/build.ts';
import type { Recipe } from '../../recipe/recipe.ts';
import { taskOf } from '../../run/tasks/of.ts';
import type { Workshop } from '../define.ts';
import { onLabels } from '../recipes.ts';
import { mixtureOf } from '../unrolled/mixture.ts';
import { weightsIn } from '../weights-in.ts';
import { openAdapter } from './adapt.ts';
import type { Classroom } from './classroom.ts';
import { buildMetaStep, type Order, type StudentSpec } from './meta-step.ts';
import type { MetaOptions } from './options.ts';
import type { Adapted, Measured } from './report.ts';
import { trainMeta } from './train-meta.ts';

type Weights = ReadonlyMap<string, Tensor>;

/** All starts of a seed, and what comes of adapting from each to the same new tasks. */
export async function measureSeed(o: MetaOptions, workshop: Workshop, classroom: Classroom, seed: number): Promise<Measured> {
  const { model, shape, input } = classroom;
  const chance: Weights = initialise(model, shape, (name) => random(seed, `init/${name}`, 0));
  const view = classroom.train.dataset.example.shape;
  const spec: StudentSpec = { model, view, preprocess: input.graph, tensors: chance };
  const starts: Record<string, Weights> = { chance, pretrained: await pretrained(workshop, classroom, chance, seed) };
  for (const order of o.orders) starts[order] = await metaLearnt(o, workshop, classroom, { spec, order, seed });
  const results: Record<string, Adapted[]> = {};
  for (const [name, start] of Object.entries(starts)) {
    results[name] = [];
    for (const shots of o.shots) {
      results[name].push(
        await workshop.remember(`seed-${seed}-${name}-${shots}`, () =>
          adaptedFrom(o, workshop, classroom, { spec, start, shots, seed }),
        ),
      );
    }
  }
  return { seed, starts: results };
}

/** The student of a recipe, trained on the labels of the classes that are not new; what answers starts from chance. */
async function pretrained(
  workshop: Workshop,
  { known, names, input }: Classroom,
  chance: Weights,
  seed: number,
): Promise<Weights> {
  const { recipe } = workshop;
  const name = `seed-${seed}/pretrained`;
  const data = { ...recipe.data, only: known.map((c) => names[c]!) } as Recipe['data'];
  const student = { ...recipe.student, preprocess: input.spec };
  const task = taskOf((await workshop.openData(data)).train);
  const part = onLabels({ ...recipe, student }, task, { data, seeds: [seed], controls: { scratch: false }, examples: 0 });
  await workshop.run(name, part);
  const weights = await weightsIn(workshop, name, seed);
  return new Map([...chance].map(([n, t]) => [n, weights[n] && sameShape(weights[n].shape, t.shape) ? weights[n] : t]));
}

interface Learning {
  readonly spec: StudentSpec;
  readonly order: Order;
  readonly seed: number;
}

async function metaLearnt(
  o: MetaOptions,
  workshop: Workshop,
  classroom: Classroom,
  { spec, order, seed }: Learning,
): Promise<Weights> {
  const { training, ways } = o;
  const sizes = { ways, shots: training.shots, queries: training.queries };
  const inner = { ...mixtureOf(workshop.recipe), steps: training.steps, rate: training.rate };
  const name = `seed-${seed}/${order}`;
  const place = await workshop.open(name, { ...workshop.recipe, seeds: [seed] });
  const step = buildMetaStep(spec, { sizes, inner, order, outer: training.optimizer, episodes: training.episodes });
  const weights = await trainMeta(
    {
      name: `${order}-${seed}`,
      model: spec.model.name,
      seed,
      step,
      start: spec.tensors,
      pool: classroom.train,
      classes: classroom.known,
      sizes,
      episodes: training.episodes,
    },
    place.shared,
  );
  return new Map(Object.entries(weights));
}

interface Adapting {
  readonly spec: StudentSpec;
  readonly start: Weights;
  readonly shots: number;
  readonly seed: number;
}

/** Tasks by which the learning rate of adaptation is chosen. */
const choosing = 20;

/** Accuracy on new tasks, with the learning rate that is best on tasks of known classes. */
async function adaptedFrom(
  o: MetaOptions,
  workshop: Workshop,
  classroom: Classroom,
  { spec, start, shots, seed }: Adapting,
): Promise<Adapted> {
  const { adaptation, ways } = o;
  const { train, test, known, unseen, lower } = classroom;
  const { runtime } = workshop.options;
  const sizes = { ways, shots, queries: adaptation.queries };
  const adapter = await openAdapter(
    spec,
    { sizes, inner: { ...mixtureOf(workshop.recipe), steps: adaptation.steps } },
    { runtime, lower },
  );
  try {
    const pools = { from: train, judged: test };
    let best = { rate: adaptation.rates[0]!, accuracy: -1 };
    for (const rate of adaptation.rates) {
      const key = { seed, purpose: 'meta/choosing' };
      const accuracy = await adapter.accuracy(start, rate, { ...pools, classes: known, count: choosing, key });
      if (accuracy > best.accuracy) best = { rate, accuracy };
    }
    const key = { seed, purpose: 'meta/new' };
    const accuracy = await adapter.accuracy(start, best.rate, { ...pools, classes: unseen, count: adaptation.tasks, key });
    return { shots, rate: best.rate, accuracy };
  } finally {
    await adapter.close();
  }
}
