import { defineSynthesis } from './define.ts';

export const dafl = defineSynthesis({
  kind: 'dafl',
  title: 'DAFL',
  summary:
    'A generator whose pictures the teacher is sure of, that excite its features, and that are of all classes alike (Chen et al. 2019).',
  paper: 'https://arxiv.org/abs/1904.01186',
  expect: 'Near the student with data on MNIST (98.2 %); on CIFAR-10 it takes a large teacher and long training.',
  synthesis: {
    inputs: { kind: 'generator', end: 'standardised' },
    priors: [
      { kind: 'confident', weight: 1 },
      // The published 5 is for decimal logarithms.
      { kind: 'balance', weight: 5 / Math.LN10 },
      { kind: 'activation', weight: 0.1 },
    ],
    batchSize: 64,
    rounds: 2000,
    steps: 1,
    optimizer: { kind: 'adam', learningRate: 2e-3, beta1: 0.5, schedule: { kind: 'cosine' } },
    student: { steps: 4 },
    memory: 1024,
  },
  // 1 in the paper, with a step of the student for each of the generator's and a constant rate: 89 % on MNIST here, against 93 %.
  losses: [{ kind: 'kd', temperature: 4 }],
});
