import { defineSynthesis } from './define.ts';

const pictures = [
  { kind: 'confident', target: 'random', weight: 1 },
  { kind: 'batch-statistics', firstLayer: 1, weight: 1 },
  { kind: 'total-variation', norm: 'l2', weight: 1e-4 },
  { kind: 'norm', weight: 1e-5 },
] as const;

export const deepInversion = defineSynthesis({
  kind: 'deep-inversion',
  title: 'DeepInversion',
  summary:
    'Pictures of a class that give the teacher’s BatchNormalization layers the statistics that they were trained with, smooth and small (Yin et al. 2020).',
  paper: 'https://arxiv.org/abs/1912.08795',
  expect:
    'Natural pictures out of a teacher whose file still has its BatchNormalization: 93 % on CIFAR-10 (ResNet-34 to ResNet-18).',
  synthesis: {
    inputs: { kind: 'optimised', init: 'gaussian', jitter: 2, flip: true },
    priors: [...pictures],
    batchSize: 128,
    rounds: 80,
    steps: 300,
    optimizer: { kind: 'adam', learningRate: 0.05, beta1: 0.5, schedule: { kind: 'cosine' } },
    student: null,
    memory: 100_000,
  },
  losses: [{ kind: 'kd', temperature: 4 }],
});

export const adaptiveInversion = defineSynthesis({
  kind: 'adaptive-deep-inversion',
  title: 'Adaptive DeepInversion',
  summary:
    'DeepInversion that looks for pictures on which the student is not yet with the teacher, by their Jensen–Shannon divergence.',
  paper: 'https://arxiv.org/abs/1912.08795',
  expect: 'More varied pictures than DeepInversion, and a student that grows along with them.',
  synthesis: {
    inputs: { kind: 'optimised', init: 'gaussian', jitter: 2, flip: true },
    priors: [...pictures, { kind: 'adversarial', distance: 'js', weight: 1 }],
    batchSize: 128,
    rounds: 80,
    steps: 300,
    optimizer: { kind: 'adam', learningRate: 0.05, beta1: 0.5, schedule: { kind: 'cosine' } },
    student: { steps: 40, from: 'memory' },
    memory: 100_000,
  },
  losses: [{ kind: 'kd', temperature: 4 }],
});
