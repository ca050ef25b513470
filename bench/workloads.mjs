// @ts-check
// The work that is timed, described once for us and for every peer.

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} summary
 * @property {readonly [channels: number, height: number, width: number]} input one example
 * @property {number} classes
 * @property {number} batch
 * @property {number} examples different examples in memory, one byte a pixel
 * @property {Network} teacher frozen
 * @property {Network} student
 * @property {number} temperature
 * @property {number} soft weight of the divergence from the teacher
 * @property {number} hard weight of the cross-entropy with the labels
 * @property {number} learningRate
 * @property {number} momentum
 */

/** @typedef {{ kind: 'mlp', hidden: number[] } | { kind: 'resnet', depth: number }} Network */

const shared = {
  input: /** @type {const} */ ([1, 28, 28]),
  classes: 10,
  batch: 128,
  examples: 10_000,
  temperature: 4,
  soft: 0.9,
  hard: 0.1,
  learningRate: 0.01,
  momentum: 0.9,
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
