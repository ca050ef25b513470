import { defineSynthesis } from './define.ts';

const learnt = {
  summary: 'Random numbers that nothing was learnt from: what a student gets out of the teacher alone.',
  expect: 'On MNIST surprisingly much (88 % with LeNet-5, Chen et al. 2019), on natural pictures next to nothing.',
  paper: 'https://arxiv.org/abs/1904.01186',
  control: true,
  losses: [{ kind: 'kd', temperature: 4 }],
} as const;
const schedule = {
  priors: [] as never[],
  batchSize: 128,
  rounds: 200,
  steps: 0,
  optimizer: { kind: 'adam' as const },
  student: null,
  memory: 100_000,
};

export const uniform = defineSynthesis({
  kind: 'uniform',
  title: 'uniform noise',
  ...learnt,
  synthesis: { inputs: { kind: 'noise', distribution: 'uniform' }, ...schedule },
});

export const gaussian = defineSynthesis({
  kind: 'gaussian',
  title: 'Gaussian noise',
  ...learnt,
  synthesis: { inputs: { kind: 'noise', distribution: 'gaussian' }, ...schedule },
});
