import { z } from 'zod';
import { type Dataset, floatDataset, plainVector } from '../dataset.ts';
import { type Random, random } from '../random.ts';
import { checkMemory, defineSource } from '../source.ts';
import { standardise } from '../standardise.ts';

const options = z.strictObject({
  kind: z.literal('privileged'),
  experiment: z
    .enum(['clean-labels', 'clean-features', 'relevant-features', 'sample-features'])
    .default('clean-labels')
    .describe(
      'What the privileged columns say (experiments 1 to 4 of the paper): how far on which side of the border before noise flips some labels; the features before noise; the three features that count; the three that count for this example',
    ),
  features: z.int().min(3).max(1000).default(50).describe('Columns x0, x1, …'),
  size: z.int().min(2).max(10_000_000).default(200).describe('Examples of the train part'),
  testSize: z.int().min(1).max(10_000_000).default(10_000).describe('Examples of the test part'),
  validationSize: z.int().min(1).max(10_000_000).default(200).describe('Examples of the validation part'),
  seed: z.int().default(0).describe('Seed of the data, apart from the seeds of training'),
});
type Options = z.output<typeof options>;

/** One example of an experiment: its features are there and may be changed; returns what is privileged and the class. */
type Draw = (x: Float32Array) => { readonly privileged: readonly number[]; readonly positive: boolean };

const RELEVANT = 3;
const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** An experiment: how many privileged columns, and, for a border α ~ N(0, I), how an example comes about. */
const experiments: Readonly<
  Record<
    Options['experiment'],
    {
      readonly width: (features: number) => number;
      readonly draws: (alpha: Float32Array, places: Uint32Array, r: Random) => Draw;
    }
  >
> = {
  'clean-labels': {
    width: () => 1,
    draws: (alpha, _, r) => (x) => {
      const side = dot(alpha, x);
      return { privileged: [side], positive: side + r.normal() > 0 };
    },
  },
  'clean-features': {
    width: (features) => features,
    draws: (alpha, _, r) => (x) => {
      const privileged = Array.from(x);
      for (let j = 0; j < x.length; j++) x[j]! += r.normal();
      return { privileged, positive: dot(alpha, privileged) > 0 };
    },
  },
  'relevant-features': {
    width: () => RELEVANT,
    draws: (alpha, places) => (x) => {
      const privileged = Array.from(places.subarray(0, RELEVANT), (j) => x[j]!);
      return { privileged, positive: dot(privileged, alpha) > 0 };
    },
  },
  'sample-features': {
    width: () => RELEVANT,
    // Weights belong to the place among the three, as in the authors' code: with those of the features, as the paper prints it, three
    // numbers alone would not tell the class.
    draws: (alpha, _, r) => (x) => {
      const privileged = Array.from(r.permutation(x.length).subarray(0, RELEVANT), (j) => x[j]!);
      return { privileged, positive: dot(privileged, alpha) > 0 };
    },
  },
};

export const privileged = defineSource({
  kind: 'privileged',
  summary:
    'Generated table with columns that only a teacher should see (Lopez-Paz et al. 2016, "Unifying distillation and privileged information", §5): features x0, x1, … and columns privileged0, …',
  title: ({ experiment }) => `privileged (${experiment})`,
  options,
  async open(o, context) {
    const { width, draws } = experiments[o.experiment];
    const columns = o.features + width(o.features);
    checkMemory(o.size + o.testSize + o.validationSize, 4 * columns, context);
    const alpha = new Float32Array(o.features);
    const border = random(o.seed, 'privileged/border');
    border.fillNormal(alpha);
    const places = border.permutation(o.features);
    const part = (name: string, size: number): Dataset => {
      const r = random(o.seed, `privileged/${name}`);
      return drawn(name, { ...o, size }, r, draws(alpha, places, r));
    };
    return {
      train: part('train', o.size),
      validation: part('validation', o.validationSize),
      test: part('test', o.testSize),
      fit: (train) =>
        standardise(
          train,
          Array.from({ length: columns }, (_, c) => c),
        ),
    };
  },
});

function drawn(name: string, { features, size, experiment }: Options, r: Random, draw: Draw): Dataset {
  const more = experiments[experiment].width(features);
  const width = features + more;
  const values = new Float32Array(size * width);
  const labels = new Uint8Array(size);
  const x = new Float32Array(features);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < features; j++) x[j] = r.normal();
    const { privileged, positive } = draw(x);
    values.set(x, i * width);
    values.set(privileged, i * width + features);
    labels[i] = positive ? 1 : 0;
  }
  const named = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, j) => `${prefix}${j}`);
  return floatDataset({
    name: `privileged ${name}`,
    example: plainVector([...named('x', features), ...named('privileged', more)]),
    values,
    labels,
    classes: ['negative', 'positive'],
  });
}
