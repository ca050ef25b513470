import type { MethodSample } from './define.ts';

const logits = [6, 4];
const both = { student: { logits }, teacher: { logits } };
const three = {
  student: { logits, embedding: [6, 5] },
  teacher: { logits, 'logits.0': logits, 'logits.1': logits, 'logits.2': logits },
};
const alike = { ...both, zeroAtTeacher: true };

export const samples: readonly MethodSample[] = [
  { options: { kind: 'kd' }, ...alike },
  { options: { kind: 'kd', direction: 'reverse', temperature: { schedule: 'linear', from: 4, to: 1 } }, ...alike },
  {
    options: {
      kind: 'kd',
      temperature: { by: 'entropy' },
      heads: [
        [1, 3],
        [0, 2],
      ],
    },
    ...alike,
  },
  { options: { kind: 'logit-mse' }, ...alike },
  { options: { kind: 'logit-mae' }, ...alike },
  { options: { kind: 'regression-kd', form: 'huber' }, ...alike },
  { options: { kind: 'jsd' }, ...alike },
  { options: { kind: 'jsd', beta: 0.9, temperature: 3 }, ...alike },
  { options: { kind: 'skew-kl' }, ...alike },
  { options: { kind: 'skew-kl', direction: 'reverse' }, ...alike },
  { options: { kind: 'tvd' }, ...alike },
  { options: { kind: 'dkd' }, ...alike },
  { options: { kind: 'dkd', beta: 0, temperature: { by: 'entropy' } }, ...alike },
  { options: { kind: 'dist', temperature: 1 }, ...alike },
  { options: { kind: 'kd-standardised' }, ...alike },
  { options: { kind: 'wsld' }, ...alike },
  { options: { kind: 'mlkd', temperatures: [1, 2] }, ...alike },
  { options: { kind: 'top-k', k: 2 }, ...alike },
  { options: { kind: 'top-k', k: 2, tail: 'uniform' }, ...both },
  { options: { kind: 'top-k', k: 1, tail: 'zero' }, ...both },
  { options: { kind: 'top-k', k: 3, tail: 'drop' }, ...alike },
  { options: { kind: 'mapped-kd', groups: [[9], [0, 3], [5], [1]] }, student: { logits }, teacher: { logits: [6, 10] } },
  {
    options: { kind: 'mapped-kd', groups: [[1, 2], { teacher: [4], student: [3] }], rest: 'together' },
    student: { logits },
    teacher: { logits: [6, 5] },
  },
  { options: { kind: 'uld' }, ...alike },
  { options: { kind: 'uld' }, student: { logits }, teacher: { logits: [6, 7] } },
  { options: { kind: 'ensemble-kd' }, ...alike },
  { options: { kind: 'ensemble-kd', mean: 'logits', direction: 'reverse', weights: [2, 0, 1] }, ...three },
  { options: { kind: 'ensemble-kd', weights: { by: 'confidence' }, dropWorst: 1 }, ...three },
  { options: { kind: 'ensemble-kd', weights: { by: 'confidence', of: 'first', sharpness: 5 } }, ...three },
  { options: { kind: 'ensemble-kd', weights: { by: 'agreement' }, dropWorst: 2 }, ...three },
  { options: { kind: 'ensemble-kd', weights: { by: 'learned' }, temperature: 2 }, ...three },
  { options: { kind: 'ensemble-kd', weights: { by: 'learned', from: 'student' } }, ...three },
  { options: { kind: 'cosine' }, student: { embedding: [6, 5] }, teacher: { embedding: [6, 5] }, zeroAtTeacher: true },
  {
    options: { kind: 'cosine', student: 'hidden.1', teacher: 'hidden.3' },
    student: { 'hidden.1': [2, 3, 4] },
    teacher: { 'hidden.3': [2, 3, 4] },
  },
  { options: { kind: 'tf-kd' }, student: { logits }, teacher: {} },
  { options: { kind: 'tf-kd', form: 'code' }, student: { logits }, teacher: {} },
  { options: { kind: 'confidence-penalty' }, student: { logits }, teacher: {} },
  { options: { kind: 'diversity' }, student: { logits }, teacher: {} },
  {
    options: { kind: 'masked-kd' },
    student: { masked: [4, 3, 7], 'masked.valid': [4, 3] },
    teacher: { masked: [4, 3, 7] },
    fixed: { 'student.masked.valid': (i) => Number(i % 3 < 2) },
    zeroAtTeacher: true,
  },
];
