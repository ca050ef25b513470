import { defineSynthesis } from './define.ts';

export const lopes = defineSynthesis({
  kind: 'lopes',
  title: 'metadata (Lopes)',
  summary:
    'Inputs that reproduce the statistics of the teacher’s activations, which whoever has the data collected with `potstill collect` (Lopes et al. 2017).',
  paper: 'https://arxiv.org/abs/1710.07535',
  expect: 'Better than noise, behind methods that ask for confident answers: 92.5 % on MNIST with LeNet-5.',
  synthesis: {
    inputs: { kind: 'optimised', init: 'gaussian' },
    priors: [{ kind: 'metadata', match: 'all', weight: 1 }],
    batchSize: 128,
    rounds: 160,
    steps: 200,
    optimizer: { kind: 'adam', learningRate: 0.07, schedule: { kind: 'constant' } },
    student: null,
    memory: 100_000,
  },
  losses: [{ kind: 'kd', temperature: 8 }],
});
