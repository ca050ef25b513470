// @ts-check
// `node step.mjs WORKLOAD FOLDER THREADS`: the product's own training loop on a workload, with its own data, batches, teacher and
// store, a few steps at a time.
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { answer } from '../answering.mjs';
import { examplesOf } from './data.mjs';
import { takeTurns } from './turns.mjs';

/** The built package, typed by its sources. @param {string} path */
const built = (path) => import(new URL(`../../dist/${path}.js`, import.meta.url).href);

/** @type {typeof import('../../src/data/dataset.ts')} */
const { targetSize, vocabularyOf } = await built('data/dataset');
/** @type {typeof import('../../src/data/random.ts')} */
const { random } = await built('data/random');
/** @type {typeof import('../../src/graph/graph.ts')} */
const { Graph } = await built('graph/graph');
/** @type {typeof import('../../src/methods/combine.ts')} */
const { nameOf, needsOf } = await built('methods/combine');
/** @type {typeof import('../../src/methods/index.ts')} */
const { lossSchema } = await built('methods/index');
/** @type {typeof import('../../src/models/architectures/list.ts')} */
const { architectureSchema, createModel } = await built('models/architectures/list');
/** @type {typeof import('../../src/optim/presets.ts')} */
const { optimizerSchema } = await built('optim/presets');
/** @type {typeof import('../../src/run/evaluate.ts')} */
const { logitsOutput, serve, viewInputs } = await built('run/evaluate');
/** @type {typeof import('../../src/run/lowering.ts')} */
const { tuned } = await built('run/lowering');
/** @type {typeof import('../../src/models/build.ts')} */
const { initialise, tapsOf } = await built('models/build');
/** @type {typeof import('../../src/run/objective.ts')} */
const { openShape, viewInput } = await built('run/objective');
/** @type {typeof import('../../src/run/store.ts')} */
const { openStore } = await built('run/store');
/** @type {typeof import('../../src/run/train.ts')} */
const { train } = await built('run/train');
/** @type {typeof import('../../src/runtime/ort-node.ts')} */
const { ortNode } = await built('runtime/ort-node');
/** @type {typeof import('../../src/teachers/cache.ts')} */
const { cachedTeacher } = await built('teachers/cache');
/** @type {typeof import('../../src/teachers/session.ts')} */
const { sessionTeacher } = await built('teachers/session');

/** @typedef {import('../workloads.mjs').Workload} Workload */

/** @typedef {import('../../src/data/dataset.ts').Dataset} Dataset */

/** What models are told of the examples. @param {Dataset} set */
const shapeOf = (set) => ({ input: set.example.shape, outputs: targetSize(set), ...vocabularyOf(set.example) });

/**
 * A teacher with random weights, as the run makes one out of a model that it has trained.
 * @param {Workload} workload
 * @param {Dataset} set
 * @param {import('../../src/runtime/port.ts').Runtime} runtime
 * @param {import('../../src/run/lowering.ts').Lower} lower
 */
async function openTeacher({ teacher }, set, runtime, lower) {
  const shape = shapeOf(set);
  const model = createModel(architectureSchema.parse(teacher), shape);
  /** @type {(view: import('../../src/graph/graph.ts').Value) => import('../../src/graph/graph.ts').Value} */
  const preprocess = (view) => view;
  const weights = Object.fromEntries(initialise(model, shape, (name) => random(0, `bench/teacher/${name}`, 0)));
  const bytes = await serve({ model, weights, inputs: viewInputs(set.example), preprocess }, lower);
  return sessionTeacher({
    session: await runtime.open(bytes),
    input: viewInput,
    example: openShape(set.example),
    outputs: new Map([[logitsOutput, [shape.outputs]]]),
    batch: null,
  });
}

/** @param {Workload} workload */
const lossesOf = ({ losses, temperature, soft, hard }) =>
  losses ?? [
    { kind: 'kd', temperature, weight: soft },
    { kind: 'labels', weight: hard },
  ];

/** What both networks can be tapped for. @param {Workload} workload @param {Dataset} set */
function offerOf({ teacher, student }, set) {
  const shape = shapeOf(set);
  const taps = (/** @type {import('../workloads.mjs').Network} */ network) =>
    tapsOf(createModel(architectureSchema.parse(network), shape), shape);
  return { student: taps(student), teacher: taps(teacher) };
}

/**
 * Shape of one example's part of what a teacher is asked for.
 * @param {import('../../src/methods/define.ts').Asked} asked
 * @param {ReadonlyMap<string, import('../../src/graph/type.ts').Shape>} offer
 */
function shapeAsked(asked, offer) {
  const graph = new Graph();
  /** @type {(tap: string) => import('../../src/graph/graph.ts').Value} */
  const tapped = (tap) => graph.input(tap, { dtype: 'float32', shape: [1, ...(offer.get(tap) ?? [])] });
  const value = typeof asked === 'string' ? tapped(asked) : asked.make(...asked.taps.map(tapped));
  return /** @type {number[]} */ (value.shape.slice(1));
}

/**
 * A teacher that has answered already; what it said is noise.
 * @param {Workload} workload
 * @param {Dataset} set
 * @param {readonly import('../../src/methods/index.ts').LossOptions[]} losses
 * @returns {import('../../src/teachers/define.ts').Teacher}
 */
function recordedTeacher(workload, set, losses) {
  const { examples } = workload;
  const offer = offerOf(workload, set);
  const recorded = needsOf({ losses }, offer).asked.map((asked, i) => {
    const each = shapeAsked(asked, offer.teacher);
    const data = new Float32Array(examples * each.reduce((a, b) => a * b, 1));
    random(0, 'bench/recorded', i).fillUniform(data);
    return [nameOf(asked), /** @type {const} */ ({ dtype: 'float32', shape: [examples, ...each], data })];
  });
  const { outputs, answer } = cachedTeacher(Object.fromEntries(recorded));
  return { outputs, answer: (question) => answer({ ...question, indices: question.indices.map((i) => i % examples) }) };
}

/**
 * @param {Workload} workload
 * @param {string} folder
 * @param {number} threads
 */
async function open(workload, folder, threads) {
  const { batch } = workload;
  const set = await examplesOf(workload);
  const shape = shapeOf(set);
  const runtime = ortNode({ threads });
  const store = await openStore(join(folder, `run-${process.pid}`), { recipe: '', resume: false, force: true });
  const lower = tuned(runtime, await store.choices('bench'));
  const losses = lossesOf(workload).map((loss) => lossSchema.parse(loss));
  const teacher = workload.losses ? recordedTeacher(workload, set, losses) : await openTeacher(workload, set, runtime, lower);
  const turns = takeTurns(() => performance.now());
  let loss = Number.NaN;
  let parameters = 0;

  const ready = new Promise((resolve, reject) => {
    const training = train(
      {
        role: 'distilled',
        seed: 1,
        model: createModel(architectureSchema.parse(workload.student), shape),
        input: shape.input,
        preprocess: (view) => view,
        objective: { losses },
        offer: offerOf(workload, set).teacher,
        training: {
          epochs: 1000,
          batchSize: batch,
          buckets: workload.buckets ?? 1,
          optimizer: optimizerSchema.parse(workload.optimizer),
          augment: [],
        },
        augment: [],
        teacher: {
          outputs: teacher.outputs,
          answer: async (question) => {
            await turns.admit(question.count / batch);
            return teacher.answer(question);
          },
        },
      },
      {
        runtime,
        store,
        lower,
        train: set,
        signal: new AbortController().signal,
        validate: null,
        headline: { name: 'accuracy', higherIsBetter: true },
        clock: () => performance.now(),
        emit: (event) => {
          if (event.type === 'job') {
            parameters = event.parameters;
            resolve(undefined);
          } else if (event.type === 'steps') {
            loss = event.total;
            turns.finish(event.examples / batch);
          }
        },
      },
    );
    training.catch(reject);
  });
  await ready;
  return {
    about: { version: `ONNX Runtime ${runtime.version}`, parameters },
    run: async (/** @type {number} */ steps) => {
      const before = engineMilliseconds();
      const turn = await turns.turn(steps);
      return { ...turn, loss, engine: engineMilliseconds() - before };
    },
  };
}

const clockLoaded = process.execArgv.some((arg) => arg.includes('engine-clock'));
/** @type {() => number} */
const engineMilliseconds = clockLoaded ? (await import('./engine-clock.mjs')).engineMilliseconds : () => 0;

const [, , workload = '', folder = '', threads = ''] = process.argv;
await answer(() => open(JSON.parse(workload), folder, Number(threads)));
