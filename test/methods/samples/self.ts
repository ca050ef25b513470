import type { MethodSample } from './define.ts';

const student = { logits: [6, 3] };

/** Six examples of three classes: each has one partner. */
export const samples: readonly MethodSample[] = [
  { options: { kind: 'past-self' }, student, teacher: {} },
  { options: { kind: 'past-self', past: 'record', growth: 'constant', temperature: 3 }, student, teacher: {} },
  { options: { kind: 'mean-teacher' }, student, teacher: {} },
  { options: { kind: 'mean-teacher', form: 'kl', rampUp: 0 }, student, teacher: {} },
  {
    options: { kind: 'deep-supervision' },
    student: { 'hidden.2': [6, 5], 'hidden.10': [6, 8], 'hidden.0': [6, 4, 3, 3], 'hidden.1': [6, 7, 4], logits: [6, 3] },
    teacher: {},
  },
  {
    options: { kind: 'deep-supervision', taps: ['block.1', 'hidden.0'], lambda: 0.1, alpha: 1 },
    student: { 'hidden.0': [6, 4, 2, 2], 'block.1': [6, 2, 4, 4], logits: [6, 3] },
    teacher: {},
  },
  { options: { kind: 'cs-kd' }, student, teacher: {} },
  { options: { kind: 'cs-kd', temperature: { schedule: 'linear', from: 4, to: 1 } }, student, teacher: {} },
  { options: { kind: 'mutual' }, student, teacher: {} },
  { options: { kind: 'mutual', peers: 3, temperature: 2 }, student, teacher: {} },
];
