import { type Dataset, type ExampleType, exampleSize, targetSize, vocabularyOf } from '../../data/dataset.ts';
import { type Random, random } from '../../data/random.ts';
import type { Splits } from '../../data/split.ts';
import { MismatchError } from '../../run/error.ts';
import type { FederatedOptions } from './options.ts';

type Server = FederatedOptions['server'];

/** A set of which only the examples can be read. */
const unlabelled = (set: Dataset, { classes, targets }: Dataset): Dataset => {
  const width = targetSize({ ...set, classes, targets });
  return {
    ...set,
    classes,
    targets,
    label: () => -1,
    target: (_, out, offset) => void out.fill(0, offset, offset + width),
    row: () => null,
  };
};

/** How noise looks that stands for examples: pictures uniform in 0…1, rows standard normal, as standardised columns are. */
const noises: Readonly<Record<ExampleType['layout'], ((out: Float32Array, draws: Random) => void) | null>> = {
  image: (out, draws) => draws.fillUniform(out),
  vector: (out, draws) => draws.fillNormal(out),
  tokens: null,
};

function noiseSet(train: Dataset, size: number, seed: number): Dataset {
  const fill = noises[train.example.layout];
  if (!fill) {
    throw new MismatchError(
      'program.server.noise: found data that are texts; expected pictures or rows, since noise is no text; use unlabelled or data',
    );
  }
  const width = exampleSize(train);
  return {
    ...unlabelled(train, train),
    name: 'noise',
    size,
    read: (i, out, offset) => fill(out.subarray(offset, offset + width), random(seed, 'federated/noise-set', i)),
  };
}

function otherSet(other: Dataset, train: Dataset): Dataset {
  const [found, expected] = [other, train].map(({ example }) =>
    [example.layout, ...example.shape, ...Object.values(vocabularyOf(example))].join(' '),
  );
  if (found === expected) return unlabelled(other, train);
  throw new MismatchError(
    `program.server.data: found examples of ${found}; expected those of the clients, ${expected}; take a set of the same shape`,
  );
}

/** Places of the train split that the server keeps back from the clients. */
export function heldBack({ unlabelled: amount }: Server, size: number, seed: number): ReadonlySet<number> {
  if (amount === undefined) return new Set();
  const count = amount < 1 ? Math.round(amount * size) : amount;
  if (count < 1 || count >= size) {
    throw new MismatchError(
      `program.server.unlabelled: found ${amount}, which is ${count} of ${size} training examples; expected at least one, and some left for the clients`,
    );
  }
  return new Set(random(seed, 'federated/held-back').permutation(size).subarray(0, count));
}

/**
 * What the server distils on: inputs without labels.
 * @param held The part of the train split that it kept back.
 * @throws MismatchError if it does not look like the clients' data.
 */
export async function publicSet(
  server: Server,
  train: Dataset,
  held: () => Dataset,
  open: (data: NonNullable<Server['data']>) => Promise<Splits>,
  seed: number,
): Promise<Dataset> {
  if (server.data) return otherSet((await open(server.data)).train, train);
  return server.noise === undefined ? unlabelled(held(), train) : noiseSet(train, server.noise, seed);
}
