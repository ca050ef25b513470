import { defineSynthesis } from './define.ts';

export const zskt = defineSynthesis({
  kind: 'zskt',
  title: 'zero-shot transfer (ZSKT)',
  summary:
    'A generator looks for what teacher and student disagree on, and the student learns there: ten steps for each of the generator’s (Micaelli and Storkey 2019).',
  paper: 'https://arxiv.org/abs/1905.09768',
  expect: 'Needs nothing but the teacher’s answers; on CIFAR-10 84 % (WRN-40-2 to WRN-16-1) after 80,000 batches.',
  synthesis: {
    inputs: { kind: 'generator', end: 'standardised' },
    priors: [{ kind: 'adversarial', distance: 'kl', temperature: 1, weight: 1 }],
    batchSize: 64,
    rounds: 2000,
    steps: 1,
    optimizer: { kind: 'adam', learningRate: 1e-3, clipNorm: 5, schedule: { kind: 'cosine' } },
    student: { steps: 10 },
    memory: 1024,
  },
  losses: [{ kind: 'kd', temperature: 1 }],
});

export const dfad = defineSynthesis({
  kind: 'dfad',
  title: 'DFAD',
  summary:
    'The same game over the mean absolute difference of logits, five steps of the student for each of the generator’s (Fang et al. 2019).',
  paper: 'https://arxiv.org/abs/1912.11006',
  expect: 'As ZSKT, with gradients that do not vanish where both are sure.',
  synthesis: {
    inputs: { kind: 'generator', end: 'standardised' },
    priors: [{ kind: 'adversarial', distance: 'l1', weight: 1 }],
    batchSize: 64,
    rounds: 2000,
    steps: 1,
    optimizer: { kind: 'adam', learningRate: 1e-3, schedule: { kind: 'cosine' } },
    student: { steps: 5 },
    memory: 1024,
  },
  losses: [{ kind: 'logit-mae' }],
});

export const dfq = defineSynthesis({
  kind: 'dfq',
  title: 'DFQ',
  summary:
    'The game of ZSKT among pictures that fit the teacher’s BatchNormalization and of which it is sure, of all classes alike (Choi et al. 2020).',
  paper: 'https://arxiv.org/abs/2005.04136',
  expect:
    'Named for quantising without data, it is a general one: 86 % on CIFAR-10 (WRN-40-2 to WRN-16-1) in the benchmark of Fang et al. 2022; others could not reach its published figures.',
  synthesis: {
    inputs: { kind: 'generator', end: 'standardised' },
    // Weights of the benchmark of Fang et al. 2021.
    priors: [
      { kind: 'batch-statistics', firstLayer: 1, weight: 1 },
      { kind: 'confident', weight: 1 },
      { kind: 'balance', weight: 20 },
      { kind: 'adversarial', distance: 'kl', temperature: 1, weight: 1 },
    ],
    batchSize: 64,
    rounds: 2000,
    steps: 1,
    optimizer: { kind: 'adam', learningRate: 1e-3, schedule: { kind: 'cosine' } },
    student: { steps: 10 },
    memory: 1024,
  },
  losses: [{ kind: 'kd', temperature: 1 }],
});

export const gan = defineSynthesis({
  kind: 'gan',
  title: 'GAN',
  summary:
    'A generator against a discriminator that knows a few real examples: the literal adversarial form (Goodfellow et al. 2014).',
  paper: 'https://arxiv.org/abs/1406.2661',
  expect: 'Needs `real` examples; with a hundred of them little more than what augmenting those would give.',
  synthesis: {
    inputs: { kind: 'generator' },
    priors: [
      { kind: 'discriminator', weight: 1 },
      { kind: 'balance', weight: 1 },
    ],
    batchSize: 128,
    rounds: 1200,
    steps: 1,
    optimizer: { kind: 'adam', learningRate: 2e-4, beta1: 0.5, schedule: { kind: 'constant' } },
    student: { steps: 1 },
    memory: 1024,
  },
  losses: [{ kind: 'kd', temperature: 4 }],
});
