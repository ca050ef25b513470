// @ts-check
// `npm run bench:objectives [-- --only cifar10]`: trains every arm of the study on every task with three seeds, and keeps each result
// in results/ as soon as it is there. What is there is not done again; Ctrl-C stops, and the same command goes on.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { machine } from '../results.mjs';
import { arms } from './table.mjs';
import { tasks } from './tasks.mjs';

/** The built package, typed by its sources. @param {string} path */
const built = (path) => import(new URL(`../../dist/${path}.js`, import.meta.url).href);

/** @type {typeof import('../../src/data/dataset.ts')} */
const { targetSize } = await built('data/dataset');
/** @type {typeof import('../../src/data/sources.ts')} */
const { openData } = await built('data/sources');
/** @type {typeof import('../../src/methods/combine.ts')} */
const { needsOf } = await built('methods/combine');
/** @type {typeof import('../../src/methods/index.ts')} */
const { lossSchema } = await built('methods/index');
/** @type {typeof import('../../src/models/build.ts')} */
const { tapsOf } = await built('models/build');
/** @type {typeof import('../../src/recipe/parse.ts')} */
const { parseRecipe } = await built('recipe/parse');
/** @type {typeof import('../../src/run/student-model.ts')} */
const { openModel } = await built('run/student-model');
/** @type {typeof import('../../src/run/answering.ts')} */
const { answering } = await built('run/answering');
/** @type {typeof import('../../src/run/evaluate.ts')} */
const { ask, serve, viewInputs } = await built('run/evaluate');
const { taskOf } = await built('run/tasks/of');
/** @type {typeof import('../../src/run/input.ts')} */
const { inputOf } = await built('run/input');
/** @type {typeof import('../../src/run/lowering.ts')} */
const { tuned } = await built('run/lowering');
/** @type {typeof import('../../src/run/safetensors.ts')} */
const { readSafetensors } = await built('run/safetensors');
/** @type {typeof import('../../src/run/store.ts')} */
const { openStore } = await built('run/store');
/** @type {typeof import('../../src/run/teachers/open.ts')} */
const { openTeacher } = await built('run/teachers/open');
/** @type {typeof import('../../src/run/train.ts')} */
const { train } = await built('run/train');
/** @type {typeof import('../../src/runtime/ort-node.ts')} */
const { ortNode } = await built('runtime/ort-node');
/** @type {typeof import('../../src/teachers/cache.ts')} */
const { cachedTeacher } = await built('teachers/cache');

/** @typedef {import('../../src/runtime/port.ts').Runtime} Runtime */

const seeds = [1, 2, 3];
const root = new URL('../../', import.meta.url).pathname;
const results = new URL('results/', import.meta.url);

/**
 * @typedef {object} Result What one training came to; losses are means over the first and the last epoch.
 * @property {Readonly<Record<string, number>>} test
 * @property {Readonly<Record<string, readonly [first: number, last: number]>>} losses
 * @property {Readonly<Record<string, number>> | null} gradients
 * @property {number} seconds
 */
/**
 * @typedef {object} Study
 * @property {string} title
 * @property {string} machine
 * @property {object} budget
 * @property {Readonly<Record<string, number>>} teacher
 * @property {Record<string, Record<string, Result>>} runs By arm and seed.
 */

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

const { values } = parseArgs({
  options: { only: { type: 'string' }, folder: { type: 'string', default: `${root}runs/objectives` } },
});
// One training keeps one processor busy: several at a time finish sooner than each on all processors.
const runtimes = Array.from({ length: availableParallelism() }, () => ortNode({ threads: 1 }));
try {
  const queue = Object.entries(tasks)
    .filter(([name]) => values.only === undefined || values.only === name)
    .flatMap(([name, task]) => open(name, task, `${values.folder}/${name}`));
  const ends = await Promise.allSettled(
    runtimes.map(async (runtime) => {
      try {
        for (let next = queue.shift(); next; next = queue.shift()) await next(runtime);
      } catch (error) {
        // The others save where they are.
        stop.abort();
        throw error;
      }
    }),
  );
  const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  const broken = errors.find((error) => !(error instanceof Error) || error.name !== 'StoppedError');
  if (broken) throw broken;
  if (errors.length > 0) console.log('stopped; the same command goes on from here');
} finally {
  for (const runtime of runtimes) await runtime.close();
}

/**
 * The trainings of a task that are left to do, seed by seed.
 * @param {string} name @param {import('./tasks.mjs').StudyTask} task @param {string} folder
 */
function open(name, task, folder) {
  const file = new URL(`${name}.json`, results);
  const known = /** @type {Study | null} */ (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null);
  const own = arms.filter(({ tasks: fits }) => fits === undefined || fits.includes(name));
  const left = seeds.flatMap((seed) => own.filter(({ key }) => !known?.runs[key]?.[seed]).map((arm) => ({ seed, arm })));
  console.log(`${task.title}: ${left.length} of ${seeds.length * own.length} trainings to do`);
  /** @type {ReturnType<typeof prepare> | null} */
  let preparing = null;
  /** @type {Study | null} */
  let kept = known;
  return left.map(({ seed, arm }) => async (/** @type {Runtime} */ runtime) => {
    preparing ??= prepare(task, folder, runtime);
    const prepared = await preparing;
    const { epochs, batchSize, optimizer } = prepared.recipe.training;
    const result = await one(prepared, arm, seed, folder, runtime);
    kept ??= {
      title: task.title,
      machine: machine(),
      budget: { examples: task.limit, epochs, batchSize, optimizer },
      teacher: prepared.teacherMetrics,
      runs: {},
    };
    kept.runs[arm.key] = { ...kept.runs[arm.key], [seed]: result };
    mkdirSync(results, { recursive: true });
    writeFileSync(new URL(`${name}.json.tmp`, results), `${JSON.stringify(kept)}\n`);
    renameSync(new URL(`${name}.json.tmp`, results), file);
    const accuracy = (100 * /** @type {number} */ (result.test.accuracy)).toFixed(2);
    console.log(`${name} seed ${seed} ${arm.key}: ${accuracy} % in ${result.seconds.toFixed(1)} s`);
  });
}

/**
 * Opens data and teacher, and records what the teacher says.
 * @param {import('./tasks.mjs').StudyTask} task @param {string} folder @param {Runtime} runtime
 */
async function prepare(task, folder, runtime) {
  const recipe = parseRecipe(task.teacher);
  const whole = await openData(recipe.data, { folder: root });
  const splits = await openData({ ...recipe.data, limit: task.limit }, { folder: root });
  const store = await openStore(`${folder}/teacher`, { recipe: '', resume: true, force: false });
  const lower = tuned(runtime, await store.choices('objectives'));
  const shared = {
    emit: () => {},
    signal: stop.signal,
    validate: null,
    headline: taskOf(splits.test).headline,
    clock: () => performance.now(),
  };
  const opened = await openTeacher({ ...shared, runtime, lower, store, train: whole.train, splits: whole, recipe, folder: root });
  if (!opened) throw new Error('internal: a task of the study has no teacher');
  const context = { recipe, runtime, store, train: splits.train, emit: () => {}, note: () => {} };
  await (await answering(opened, task.taps, [], context)).close();
  const outputs = readdirSync(store.path('teacher-outputs')).map((f) => store.path('teacher-outputs', f));
  const recorded = readSafetensors(readFileSync(/** @type {string} */ (outputs[0])), 'recorded teacher outputs');
  const teacherTest = await ask(runtime, opened.bytes, splits.test, opened);
  const student = inputOf(recipe.student.preprocess, whole.train);
  const shape = { input: student.shape, outputs: targetSize(splits.train) };
  const model = await openModel(recipe.student.model, shape, { runtime, folder: root });
  return {
    recipe,
    splits,
    shared,
    recorded,
    teacherTest,
    teacherMetrics: taskOf(splits.test).metrics(teacherTest, splits.test, null),
    student,
    model,
    offer: { student: tapsOf(model, shape), teacher: opened.offer },
  };
}

/**
 * One training, and what its student is worth.
 * @param {Awaited<ReturnType<typeof prepare>>} prepared @param {import('./table.mjs').Arm} arm @param {number} seed @param {string} folder @param {Runtime} runtime
 * @returns {Promise<Result>}
 */
async function one({ recipe, splits, shared, recorded, teacherTest, student, model, offer }, arm, seed, folder, runtime) {
  const store = await openStore(`${folder}/${arm.key.replace(/[^a-z0-9]+/gi, '-')}-${seed}`, {
    recipe: '',
    resume: true,
    force: false,
  });
  const lower = tuned(runtime, await store.choices('objectives'));
  const losses = arm.losses.map((loss) => lossSchema.parse(loss));
  const taps = needsOf({ losses }, offer).teacher;
  const teacher =
    taps.length > 0 ? cachedTeacher(Object.fromEntries(taps.map((tap) => [tap, /** @type {any} */ (recorded)[tap]]))) : null;
  const trained = await train(
    {
      role: 'distilled',
      seed,
      model,
      input: student.shape,
      preprocess: student.graph,
      objective: { losses },
      balance: arm.balance === 'gradient',
      training: recipe.training,
      augment: [],
      teacher,
      offer: offer.teacher,
    },
    { ...shared, runtime, lower, store, train: splits.train },
  );
  const served = await serve(
    {
      model,
      weights: trained.weights,
      inputs: viewInputs(splits.test.example),
      preprocess: student.graph,
    },
    lower,
  );
  const test = taskOf(splits.test).metrics(await ask(runtime, served, splits.test), splits.test, teacherTest);
  const rows = (await store.history()).filter((row) => row.losses);
  const [first, last] = [rows[0]?.losses ?? {}, rows.at(-1)?.losses ?? {}];
  return {
    test,
    losses: Object.fromEntries(Object.keys(first).map((term) => [term, [first[term] ?? Number.NaN, last[term] ?? Number.NaN]])),
    gradients: rows.findLast((row) => row.gradients)?.gradients ?? null,
    seconds: trained.seconds,
  };
}
