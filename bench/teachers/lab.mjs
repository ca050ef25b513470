// @ts-check
// Where the studies train: every training is a run of a recipe in a folder of its own, and one that is finished is not done again.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';

/** The built package, typed by its sources. @param {string} path */
const built = (path) => import(new URL(`../../dist/${path}.js`, import.meta.url).href);

/** @type {typeof import('../../src/index.ts')} */
export const potstill = await built('index');
/** @type {typeof import('../../src/data/random.ts')} */
export const { random } = await built('data/random');
/** @type {typeof import('../../src/run/evaluate.ts')} */
const { ask } = await built('run/evaluate');

/** @typedef {import('../../src/index.ts').Dataset} Dataset */
/** @typedef {import('../../src/index.ts').RecipeInput} Recipe */
/** @typedef {import('../../src/index.ts').Results} Results */
/** @typedef {import('../../src/index.ts').Runtime} Runtime */
/** @typedef {import('../../src/index.ts').Source} Source */

/**
 * @typedef {object} Training
 * @property {Recipe & { readonly name: string }} recipe
 * @property {Readonly<Record<string, Source>>} [supplied] Data of the recipe that comes from code.
 */
/**
 * @typedef {object} Trained
 * @property {Results} results
 * @property {string} model The exported file, from the root of the repository.
 */

/** Paths of recipes start here. */
export const root = new URL('../../', import.meta.url).pathname;

/**
 * @typedef {object} Lab
 * @property {(trainings: readonly Training[]) => Promise<readonly Trained[]>} train
 * @property {(model: string, dataset: Dataset) => Promise<import('../../src/run/metrics.ts').Matrix>} ask Logits of an exported picture model.
 * @property {(model: string) => Promise<{ latencyMs: number, examplesPerSecond: number }>} time Median for one example, and at batch 32, with one thread.
 * @property {() => Promise<void>} close
 */

/** @param {{ readonly folder: string, readonly signal: AbortSignal, readonly jobs?: number }} options @returns {Lab} */
export function openLab({ folder, signal, jobs = availableParallelism() }) {
  // One training keeps one processor busy: several at a time finish sooner than each on all processors.
  const runtimes = Array.from({ length: jobs }, () => potstill.ortNode({ threads: 1 }));
  const first = /** @type {Runtime} */ (runtimes[0]);
  const broken = new AbortController();

  /** @param {Training} training @param {Runtime} runtime @returns {Promise<Trained>} */
  const one = async ({ recipe, supplied = {} }, runtime) => {
    // A changed recipe is another training, and so is what comes after it: the folder is part of the recipes of its students.
    const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 8);
    const directory = join(folder, `${recipe.name}-${key}`);
    const model = relative(root, join(directory, 'student', 'onnx', 'model.onnx'));
    if (existsSync(join(directory, 'results.json'))) return { results: (await readRecord(directory)).results, model };
    const { results } = await potstill.distill(recipe, {
      directory,
      runtime,
      supplied,
      dataFolder: root,
      resume: true,
      signal: AbortSignal.any([signal, broken.signal]),
    });
    const { accuracy } = results.distilled.metrics;
    const each = accuracy?.perSeed.map((a) => (100 * a).toFixed(2)).join(' ');
    const seconds = results.seconds.scratch + results.seconds.distilled;
    console.log(`${recipe.name}: ${each} % in ${seconds.toFixed(0)} s`);
    return { results, model };
  };
  return {
    async train(trainings) {
      const queue = [...trainings.entries()];
      /** @type {Trained[]} */
      const done = [];
      const ends = await Promise.allSettled(
        runtimes.map(async (runtime) => {
          try {
            for (let next = queue.shift(); next; next = queue.shift()) done[next[0]] = await one(next[1], runtime);
          } catch (error) {
            // The others save where they are.
            broken.abort();
            throw error;
          }
        }),
      );
      const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
      if (errors.length > 0) throw errors.find((e) => !(e instanceof potstill.StoppedError)) ?? errors[0];
      return done;
    },
    ask: (model, dataset) =>
      ask(first, potstill.loadModelFile(join(root, model)).bytes, dataset, { feeds: (view) => ({ pixel_values: view }) }),
    async time(model) {
      const timing = await potstill.measureTimes(first, potstill.loadModelFile(join(root, model)).bytes, {
        dims: { channels: 1 },
      });
      return { latencyMs: timing.latencyMs.p50, examplesPerSecond: timing.throughput.examplesPerSecond };
    },
    async close() {
      for (const runtime of runtimes) await runtime.close();
    },
  };
}
const { readRecord } = potstill;

/** What is kept of the test metrics of a model: one number a seed. @param {Results['teacher']} side */
export const scores = (side) => ({
  accuracy: side?.metrics.accuracy?.perSeed ?? [],
  nll: side?.metrics.nll?.perSeed ?? [],
});
