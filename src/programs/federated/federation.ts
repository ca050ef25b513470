import { readFile } from 'node:fs/promises';
import { type Dataset, subset } from '../../data/dataset.ts';
import type { Model } from '../../models/define.ts';
import type { StudentModelOptions } from '../../recipe/recipe.ts';
import { MismatchError } from '../../run/error.ts';
import { ask, serve, viewInputs } from '../../run/evaluate.ts';
import { readSafetensors, writeSafetensors } from '../../run/safetensors.ts';
import { memo } from '../../run/specs.ts';
import { openModel } from '../../run/student-model.ts';
import type { Workplace } from '../../run/workplace.ts';
import type { Workshop } from '../define.ts';
import type { ClientPlace } from './client-job.ts';
import type { FederatedOptions } from './options.ts';
import { heldBack, publicSet } from './public-set.ts';
import { divide } from './split.ts';

/** The clients of one seed with their data and architectures, and a place for what is sent. */
export interface Federation extends ClientPlace {
  readonly workplace: Workplace;
  readonly seed: number;
  readonly architectures: readonly StudentModelOptions[];
  /** Place of a client's architecture among them. */
  readonly architectureOf: (client: number) => number;
  /** What the server distils on; null where nothing is distilled. */
  readonly shown: Dataset | null;
}

/** References of examples. */
export const examplesOf = (client: number): string => `client-${client}`;
export const shownExamples = 'server';

/** Reference of a server's model after a round; 0: before the first. */
export const serverAt = (round: number, architecture: number): string => `round-${round}/server-${architecture}`;

/** A client's training takes seconds: it is done again in less than it takes to save it after every epoch. */
const checkpointEvery = 10_000;

/**
 * Divides the data of a seed and makes its architectures ready.
 * @param distils Whether the server needs examples.
 * @throws MismatchError where there are no classes, or not enough examples.
 */
export async function openFederation(
  o: FederatedOptions,
  workplace: Workplace,
  seed: number,
  distils: boolean,
  openData: Workshop['openData'],
): Promise<Federation> {
  const { splits, task, student, shape, store, shared, lessons, folder, hub, recipe } = workplace;
  const { train } = splits;
  if (task.name !== 'classification') {
    throw new MismatchError(
      `data: found ${task.found}; expected classes, since clients differ in them and the server averages logits; name the column of the classes (data.label)`,
    );
  }
  const held = o.methods.includes('feddf') ? heldBack(o.server, train.size, seed) : new Set<number>();
  const theirs = Uint32Array.from({ length: train.size }, (_, i) => i).filter((i) => !held.has(i));
  if (theirs.length < o.clients) {
    throw new MismatchError(
      `program.clients: found ${o.clients} for ${theirs.length} training examples; expected an example for each at least; lower it, or bring more data`,
    );
  }
  const labels = Array.from(theirs, (i) => train.label(i));
  const sets = new Map(
    divide(labels, { clients: o.clients, alpha: o.alpha, seed }).map((own, client) => [
      examplesOf(client),
      subset(
        train,
        own.map((i) => theirs[i]!),
      ),
    ]),
  );
  const ownPart = (): Dataset => subset(train, Uint32Array.from(held).sort());
  const shown = distils ? await publicSet(o.server, train, ownPart, openData, seed) : null;
  if (shown) sets.set(shownExamples, shown);

  const architectures = [recipe.student.model, ...(o.models ?? [])];
  const known = architectures.map((options) => JSON.stringify(options));
  const opened = memo(async (options: string): Promise<Model> => {
    const place = known.indexOf(options);
    const where = place > 0 ? `program.models.${place - 1}` : 'student';
    const model = task.student(await openModel(JSON.parse(options), shape, { runtime: shared.runtime, folder, hub, where }));
    await model.prepare?.([1, ...shape.input]);
    return model;
  });
  const { objective, augment } = lessons.at(-1)!;
  const fileOf = (reference: string): string => `checkpoints/${reference}.safetensors`;
  return {
    workplace,
    seed,
    architectures,
    architectureOf: (client) => client % architectures.length,
    shown,
    shape,
    preprocess: student.graph,
    objective,
    augment,
    context: { ...shared, validate: null, checkpointEvery },
    examples: (reference) => sets.get(reference)!,
    model: (options) => opened(JSON.stringify(options)),
    async read(reference) {
      const file = store.path(fileOf(reference));
      return readSafetensors(await readFile(file), file);
    },
    write: (reference, tensors) => store.write(fileOf(reference), writeSafetensors(tensors)),
    async ask(model, weights, set) {
      const file = await serve({ model, weights, inputs: viewInputs(set.example), preprocess: student.graph }, shared.lower);
      return ask(shared.runtime, file, set);
    },
  };
}
