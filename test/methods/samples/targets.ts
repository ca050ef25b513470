import type { MethodSample } from './define.ts';

const logits = [6, 4];

export const samples: readonly MethodSample[] = [
  { options: { kind: 'labels', smoothing: 0.1 }, student: { logits }, teacher: {} },
  { options: { kind: 'regression' }, student: { logits }, teacher: {} },
  { options: { kind: 'regression', form: 'huber' }, student: { logits }, teacher: {} },
];
