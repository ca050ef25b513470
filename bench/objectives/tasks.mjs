// @ts-check
// The two tasks of the study: data, teacher, student and budget.

/** Standardisation of the published CIFAR-10 ResNet-20. */
const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

const stages = ['layer1.2.out', 'layer2.2.out', 'layer3.2.out'];

/**
 * @typedef {object} StudyTask
 * @property {string} title
 * @property {object} teacher Recipe whose teacher it is; trained on all of the data where it is trained.
 * @property {number} limit Examples that the students see.
 * @property {readonly string[]} taps What of the teacher is recorded for all of them.
 */

/** @type {Readonly<Record<string, StudyTask>>} */
export const tasks = {
  cifar10: {
    title: 'CIFAR-10 subset: ResNet-20 (published ONNX) to ResNet-8',
    teacher: {
      name: 'objectives-cifar10',
      data: { kind: 'cifar', path: 'data/cifar10', validation: 0 },
      teacher: {
        kind: 'onnx',
        model: 'data/models/cifar10_resnet/resnet20_cifar10.onnx',
        logits: 'logits',
        preprocess: imagenet,
        taps: { ...Object.fromEntries(stages.map((tensor, i) => [`hidden.${i}`, tensor])), embedding: 'features' },
      },
      student: { model: { kind: 'resnet', depth: 8 }, preprocess: imagenet },
      training: {
        epochs: 4,
        batchSize: 64,
        optimizer: {
          kind: 'sgd',
          learningRate: 0.1,
          momentum: 0.9,
          nesterov: true,
          weightDecay: 5e-4,
          clipNorm: 5,
          schedule: { kind: 'cosine', warmup: 0.1 },
        },
      },
    },
    limit: 3200,
    taps: ['logits', 'embedding', 'hidden.0', 'hidden.1', 'hidden.2'],
  },
  'fashion-mnist': {
    title: 'Fashion-MNIST subset: CNN of 94 k parameters to CNN of 6 k',
    teacher: {
      name: 'objectives-fashion-mnist',
      data: { kind: 'idx', path: 'data/fashion_mnist', validation: 0 },
      teacher: {
        kind: 'train',
        model: { kind: 'cnn', channels: [32, 64, 128] },
        training: {
          epochs: 4,
          batchSize: 128,
          optimizer: { kind: 'adamw', learningRate: 2e-3, weightDecay: 1e-2, schedule: { kind: 'cosine', warmup: 0.05 } },
          augment: [{ kind: 'flip' }],
        },
      },
      student: { model: { kind: 'cnn', channels: [8, 16, 32] } },
      training: {
        epochs: 4,
        batchSize: 64,
        optimizer: {
          kind: 'adamw',
          learningRate: 4e-3,
          weightDecay: 1e-3,
          clipNorm: 5,
          schedule: { kind: 'cosine', warmup: 0.1 },
        },
      },
    },
    limit: 6400,
    taps: ['logits', 'embedding', 'hidden.0', 'hidden.1', 'hidden.2'],
  },
};
