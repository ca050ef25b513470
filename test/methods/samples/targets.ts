import type { MethodSample } from './define.ts';

const logits = [6, 4];

export const samples: readonly MethodSample[] = [
  { options: { kind: 'labels', smoothing: 0.1 }, student: { logits }, teacher: {} },
  { options: { kind: 'labels', heads: [[3, 0], [1]] }, student: { logits }, teacher: {} },
  { options: { kind: 'regression' }, student: { logits }, teacher: {} },
  { options: { kind: 'regression', form: 'huber' }, student: { logits }, teacher: {} },
  {
    options: { kind: 'masked-language' },
    student: { masked: [4, 3, 7], 'masked.answers': [4, 3], 'masked.valid': [4, 3] },
    teacher: {},
    fixed: { 'student.masked.answers': (i) => i % 7, 'student.masked.valid': (i) => Number(i % 3 < 2) },
  },
];
