// @ts-check
// `node rounds.mjs WORKLOAD FOLDER THREADS`: rounds of distillation without data as the program of that name takes them: some steps
// of a generator, then some of the student.
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { answer } from '../answering.mjs';

/** The built package, typed by its sources. @param {string} path */
const built = (path) => import(new URL(`../../dist/${path}.js`, import.meta.url).href);

/** @type {typeof import('../../src/data/random.ts')} */
const { random } = await built('data/random');
/** @type {typeof import('../../src/graph/type.ts')} */
const { sizeOf } = await built('graph/type');
/** @type {typeof import('../../src/methods/index.ts')} */
const { lossSchema } = await built('methods/index');
/** @type {typeof import('../../src/models/architectures/list.ts')} */
const { architectureSchema, createModel } = await built('models/architectures/list');
/** @type {typeof import('../../src/models/build.ts')} */
const { buildModel, countParameters, initialise, sizesOf } = await built('models/build');
/** @type {typeof import('../../src/optim/presets.ts')} */
const { optimizerSchema } = await built('optim/presets');
/** @type {typeof import('../../src/programs/data-free/rounds.ts')} */
const { openRounds, startOf } = await built('programs/data-free/rounds');
/** @type {typeof import('../../src/programs/data-free/student-step.ts')} */
const { buildStudentStep } = await built('programs/data-free/student-step');
/** @type {typeof import('../../src/programs/data-free/synthesis-step.ts')} */
const { buildSynthesisStep } = await built('programs/data-free/synthesis-step');
/** @type {typeof import('../../src/run/lowering.ts')} */
const { tuned } = await built('run/lowering');
/** @type {typeof import('../../src/run/store.ts')} */
const { openStore } = await built('run/store');
/** @type {typeof import('../../src/runtime/ort-node.ts')} */
const { ortNode } = await built('runtime/ort-node');
/** @type {typeof import('../../src/synthesis/inputs/list.ts')} */
const { inputsSchema } = await built('synthesis/inputs/list');
/** @type {typeof import('../../src/synthesis/priors/list.ts')} */
const { priorSchema } = await built('synthesis/priors/list');

/** @typedef {import('../workloads.mjs').Workload} Workload */
/** @typedef {import('../../src/graph/graph.ts').Value} Value */

/** More than are ever taken. */
const mostRounds = 2 ** 20;

/** A teacher with random weights. @param {Workload} workload @param {import('../../src/models/define.ts').ModelShape} shape */
function teacherPart({ teacher }, shape) {
  const model = createModel(architectureSchema.parse(teacher), shape);
  const source = initialise(model, shape, (name) => random(0, `bench/teacher/${name}`, 0));
  /** @type {import('../../src/run/teachers/define.ts').TeacherPart} */
  const part = {
    name: 'teacher',
    offer: new Map([['logits', [shape.outputs]]]),
    fixedBatch: false,
    build: async (graph, view, taps) => {
      const { logits } = buildModel(model, graph, view, { training: false, source, prefix: 'teacher.' });
      return new Map(taps.map((tap) => [tap, logits]));
    },
    parameters: countParameters(model, shape),
    size: 0,
    members: 1,
    bestEpoch: null,
    seconds: 0,
  };
  return part;
}

/** @param {Value} view */
const asItIs = (view) => view;

/**
 * @param {Workload} workload
 * @param {string} folder
 * @param {number} threads
 */
async function open(workload, folder, threads) {
  const { batch: batchSize, classes: outputs, temperature, optimizer, rounds: of } = workload;
  if (!of) throw new Error('the workload has no rounds');
  const [channels, height, width] = /** @type {[number, number, number]} */ (workload.input);
  const shape = { input: [channels, height, width], outputs };
  const runtime = ortNode({ threads });
  const store = await openStore(join(folder, `run-${process.pid}`), { recipe: '', resume: false, force: true });
  const lower = tuned(runtime, await store.choices('bench'));
  const model = createModel(architectureSchema.parse(workload.student), shape);
  const half = { mean: Array(channels).fill(0.5), std: Array(channels).fill(0.5) };
  /** @type {import('../../src/programs/data-free/host.ts').Subject} */
  const subject = { example: { layout: 'image', shape: [channels, height, width] }, outputs, spreads: half, batchSize };
  const inputs = inputsSchema.parse({ kind: 'generator', ...of.generator });
  const teacher = teacherPart(workload, shape);
  const options = optimizerSchema.parse(optimizer);
  const making = await buildSynthesisStep({
    ...subject,
    inputs,
    priors: [priorSchema.parse({ kind: 'adversarial', temperature })],
    teacher,
    student: { model, preprocess: asItIs, sizes: sizesOf(model, shape), inputOf: (name) => name },
    metadata: undefined,
    real: undefined,
    optimizer: options,
    steps: of.generatorSteps,
    rounds: mostRounds,
  });
  const learning = await buildStudentStep({
    ...subject,
    source: 'fresh',
    classes: true,
    inputs,
    teacher,
    model,
    shape,
    preprocess: asItIs,
    objective: { losses: [lossSchema.parse({ kind: 'kd', temperature })] },
    optimizer: options,
    steps: of.studentSteps * mostRounds,
    stepsPerEpoch: of.studentSteps,
  });
  /** @type {import('../../src/programs/data-free/rounds.ts').Rounds} */
  const rounds = {
    seed: 1,
    synthesis: { step: making, steps: of.generatorSteps },
    student: { step: learning, steps: of.studentSteps, from: 'fresh', augment: [] },
    memory: null,
    held: null,
    rounds: mostRounds,
    sampler: { draw: () => Promise.reject(new Error('nothing is gathered')), release: async () => {} },
    batchSize,
    example: shape.input,
  };
  const { weights, slots } = startOf(rounds);
  const engine = await openRounds(rounds, { ...weights, ...slots }, { runtime, lower, clock: () => performance.now() });
  const parameters = countParameters(model, shape) + making.params.reduce((n, p) => n + sizeOf(p.shape), 0);
  let at = 0;
  return {
    about: { version: `ONNX Runtime ${runtime.version}`, parameters },
    run: async (/** @type {number} */ steps) => {
      const began = performance.now();
      const losses = await engine.run(at, steps);
      at += steps;
      return { steps, milliseconds: performance.now() - began, loss: /** @type {number} */ (losses.at(-1)) };
    },
  };
}

const [, , workload = '', folder = '', threads = ''] = process.argv;
await answer(() => open(JSON.parse(workload), folder, Number(threads)));
