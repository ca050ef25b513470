import { defineSynthesis } from './define.ts';

export const zskd = defineSynthesis({
  kind: 'zskd',
  title: 'zero-shot (ZSKD)',
  summary:
    'Data impressions: inputs for which the teacher gives soft targets drawn from a Dirichlet distribution, whose concentration follows how alike classes are in its last layer (Nayak et al. 2019).',
  paper: 'https://arxiv.org/abs/1905.08114',
  expect: 'Near the student with data on MNIST (98.8 %), 79.6 % on Fashion-MNIST, 69.6 % on CIFAR-10.',
  synthesis: {
    inputs: { kind: 'optimised', init: 'gaussian' },
    priors: [{ kind: 'targets', weight: 1 }],
    batchSize: 128,
    rounds: 160,
    steps: 200,
    optimizer: { kind: 'adam', learningRate: 0.05, schedule: { kind: 'constant' } },
    student: null,
    memory: 100_000,
  },
  losses: [{ kind: 'kd', temperature: 20 }],
});
