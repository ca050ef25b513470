// @ts-check
// The work that is timed, described once for us and for every peer.

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} summary
 * @property {keyof typeof import('./ours/data.mjs').datasets} data
 * @property {readonly [channels: number, height: number, width: number] | readonly [rows: 2, tokens: number]} input one example
 * @property {number} classes
 * @property {number} [vocabulary] of texts
 * @property {number} [buckets] lengths that batches of texts may have; 1 unless told
 * @property {number} batch
 * @property {number} examples different examples in memory
 * @property {Network} teacher frozen
 * @property {Network} student
 * @property {number} temperature
 * @property {number} soft weight of the divergence from the teacher
 * @property {number} hard weight of the cross-entropy with the labels
 * @property {{ kind: 'sgd', learningRate: number, momentum: number } | { kind: 'adam', learningRate: number }} optimizer
 * @property {string} [note] what a reader must know
 * @property {'rounds'} [script] what is run: one training step after the other unless told
 * @property {{ generator: { latent: number, channels: number }, generatorSteps: number, studentSteps: number }} [rounds] without data, of
 *   such rounds
 * @property {readonly Readonly<Record<string, unknown>>[]} [losses] what the student learns from recorded outputs of the teacher; without them
 *   kd and labels, and the teacher is asked in every step
 */

/**
 * @typedef {{ kind: 'mlp', hidden: number[] } | { kind: 'resnet', depth: number } | { kind: 'lenet5', size: 'full' | 'half' }
 *   | { kind: 'bert', layers: number, width: number, heads: number, pooling: string, dropout: number }} Network
 */

const shared = {
  data: /** @type {const} */ ('pictures'),
  input: /** @type {const} */ ([1, 28, 28]),
  classes: 10,
  batch: 128,
  examples: 10_000,
  temperature: 4,
  soft: 0.9,
  hard: 0.1,
  optimizer: /** @type {const} */ ({ kind: 'sgd', learningRate: 0.01, momentum: 0.9 }),
};

/** @type {readonly Workload[]} */
export const workloads = [
  {
    name: 'mlp',
    summary: 'MLP 784-1200-1200-10 → 784-800-800-10',
    teacher: { kind: 'mlp', hidden: [1200, 1200] },
    student: { kind: 'mlp', hidden: [800, 800] },
    ...shared,
  },
  {
    name: 'resnet',
    summary: 'ResNet-20 → ResNet-8 on 28×28×1',
    teacher: { kind: 'resnet', depth: 20 },
    student: { kind: 'resnet', depth: 8 },
    ...shared,
  },
];

/** @param {string} pooling @returns {Pick<Workload, 'teacher' | 'student'>} */
const encoders = (pooling) => ({
  teacher: { kind: 'bert', layers: 4, width: 256, heads: 4, pooling, dropout: 0.1 },
  student: { kind: 'bert', layers: 2, width: 128, heads: 4, pooling, dropout: 0.1 },
});

const texts = {
  ...shared,
  data: /** @type {const} */ ('texts'),
  input: /** @type {const} */ ([2, 64]),
  classes: 2,
  vocabulary: 8000,
  batch: 32,
  optimizer: /** @type {const} */ ({ kind: 'adam', learningRate: 0.001 }),
};

/** Without pictures to show TensorFlow.js, whose layers there have no attention. @type {readonly Workload[]} */
export const textWorkloads = [
  {
    name: 'transformer',
    summary: 'BERT 4×256 → 2×128 on 64 tokens, the first token read',
    ...texts,
    ...encoders('pooler'),
    note: 'ours computes the last layer for the first token alone where only that is read',
  },
  {
    name: 'transformer-mean',
    summary: 'BERT 4×256 → 2×128 on 64 tokens, their mean read',
    ...texts,
    ...encoders('mean'),
  },
];

/** Without data; a step is a whole round. @type {Workload} */
export const dataFree = {
  ...shared,
  name: 'data-free',
  summary: 'a round without data: 1 step of a generator with 32 channels, 10 of LeNet-5-half from LeNet-5',
  script: 'rounds',
  teacher: { kind: 'lenet5', size: 'full' },
  student: { kind: 'lenet5', size: 'half' },
  batch: 256,
  temperature: 1,
  soft: 1,
  hard: 0,
  optimizer: { kind: 'adam', learningRate: 0.001 },
  rounds: { generator: { latent: 100, channels: 32 }, generatorSteps: 1, studentSteps: 10 },
};

/** Real sentences: how much is won by batches of like length. @type {Workload} */
export const sentences = {
  name: 'text',
  summary: 'BERT 4×256 → 2×128 on SST-2',
  ...texts,
  ...encoders('pooler'),
  data: 'sst2',
  buckets: 4,
};

const labels = { kind: 'labels' };
const kd = { kind: 'kd', weight: 0.9, temperature: 4 };
/** Places of the ends of the stages of ResNet-20, three blocks each, and of ResNet-8, one block each. */
const stages = [2, 5, 8].map((teacher, student) => ({ student: `hidden.${student}`, teacher: `hidden.${teacher}` }));

/** The ResNets with what the teacher says already recorded: what a loss costs is what it adds to this. @type {Workload} */
export const recordedLabels = {
  name: 'resnet-labels',
  summary: 'ResNet-8 on 28×28×1, labels alone',
  teacher: { kind: 'resnet', depth: 20 },
  student: { kind: 'resnet', depth: 8 },
  ...shared,
  examples: 1024,
  losses: [labels],
};

/** @type {(name: string, words: string, losses: readonly object[]) => Workload} */
const withLosses = (name, words, losses) => ({
  ...recordedLabels,
  name,
  summary: `ResNet-8 with ${words}, teacher recorded`,
  losses: [labels, .../** @type {any} */ (losses)],
});

/** What objectives cost beside labels. @type {readonly Workload[]} */
export const costs = [
  withLosses('kd', 'kd', [kd]),
  withLosses('rkd', 'RKD distance and angle', [
    { kind: 'rkd-distance', weight: 25 },
    { kind: 'rkd-angle', weight: 50 },
  ]),
  withLosses('sp', 'SP', [{ kind: 'sp', weight: 3000 }]),
  withLosses('at', 'AT', [{ kind: 'at', weight: 1000, layers: stages }]),
];
