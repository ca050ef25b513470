// @ts-check
// Fashion-MNIST as the studies of ensembles use it: the data, the teachers, and how a trained one teaches.

/** Pictures that teachers and students are trained on, of 55,000: several trainings of each fit into minutes. */
export const examples = 20_000;

export const memberEpochs = 5;

/** @param {number | undefined} limit Examples of each part; for trying out. */
export const fashionData = (limit) => ({
  kind: /** @type {const} */ ('idx'),
  path: 'data/fashion_mnist',
  validation: limit ?? 5000,
  limit: limit ?? examples,
  ...(limit !== undefined && { test: limit }),
});

/** A training that has no scratch control and no examples in its report. */
export const bare = { controls: { scratch: false }, examples: 0 };

/** @type {import('./lab.mjs').Recipe['training']} */
const memberTraining = {
  epochs: memberEpochs,
  batchSize: 128,
  optimizer: { kind: 'adamw', learningRate: 2e-3, weightDecay: 1e-2, schedule: { kind: 'cosine', warmup: 0.05 } },
  augment: [{ kind: 'flip' }],
};

/**
 * One of the teachers: they differ in their seed alone, or in their data.
 * @param {string} name @param {number} seed @param {import('./lab.mjs').Recipe['data']} data
 */
export const member = (name, seed, data) => ({
  ...bare,
  name,
  data,
  student: { model: { kind: /** @type {const} */ ('cnn'), channels: [32, 64, 128] } },
  losses: [{ kind: /** @type {const} */ ('labels') }],
  training: memberTraining,
  seeds: [seed],
});

/** An exported model as a teacher; it takes pictures of three channels. @param {import('./lab.mjs').Trained} trained */
export const taught = ({ model }) => ({
  kind: /** @type {const} */ ('onnx'),
  model,
  preprocess: { channels: /** @type {const} */ ('repeat') },
});

/** @param {number} epochs @returns {import('./lab.mjs').Recipe['training']} */
export const studentTraining = (epochs) => ({
  epochs,
  batchSize: 128,
  optimizer: { kind: 'adamw', learningRate: 4e-3, weightDecay: 1e-3, schedule: { kind: 'cosine', warmup: 0.05 } },
});
