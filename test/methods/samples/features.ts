import type { MethodSample } from './define.ts';

const maps = { 'hidden.0': [4, 3, 4, 4], 'hidden.1': [4, 6, 2, 2] };
const wider = { 'hidden.0': [4, 4, 8, 8], 'hidden.1': [4, 4, 4, 4], 'hidden.2': [4, 8, 4, 4] };
const vectors = { 'hidden.0': [4, 5] };
const tokens = { 'hidden.0': [4, 5, 6], 'hidden.1': [4, 5, 6] };
const named = [{ student: 'conv', teacher: 'layer1.2' }];

export const samples: readonly MethodSample[] = [
  { options: { kind: 'hint' }, student: maps, teacher: wider },
  { options: { kind: 'hint', form: 'paper', layers: 'uniform' }, student: maps, teacher: maps, zeroAtTeacher: true },
  { options: { kind: 'hint', projector: 'always', depth: 2 }, student: tokens, teacher: wider },
  { options: { kind: 'hint', layers: named }, student: { conv: [4, 3, 4, 4] }, teacher: { 'layer1.2': [4, 7] } },
  { options: { kind: 'hint', layers: 'attention' }, student: maps, teacher: wider },
  { options: { kind: 'pkd' }, student: tokens, teacher: tokens, zeroAtTeacher: true },
  { options: { kind: 'pkd', form: 'code', token: 'mean' }, student: maps, teacher: wider },
  { options: { kind: 'at' }, student: maps, teacher: wider },
  { options: { kind: 'at' }, student: { ...maps, 'hidden.2': [4, 6] }, teacher: maps, zeroAtTeacher: true },
  { options: { kind: 'at', form: 'paper', power: 1 }, student: tokens, teacher: wider },
  { options: { kind: 'nst' }, student: maps, teacher: wider },
  { options: { kind: 'nst', kernel: 'linear' }, student: maps, teacher: maps, zeroAtTeacher: true },
  { options: { kind: 'vid' }, student: maps, teacher: wider },
  { options: { kind: 'vid', depth: 1, variance: 1 }, student: vectors, teacher: { 'hidden.0': [4, 3] } },
  { options: { kind: 'reviewkd' }, student: maps, teacher: wider },
  {
    options: { kind: 'reviewkd', width: 2 },
    student: { ...maps, embedding: [4, 6] },
    teacher: { ...wider, embedding: [4, 8] },
  },
  { options: { kind: 'crd', size: 8 }, student: { embedding: [4, 5] }, teacher: { embedding: [4, 6] } },
  {
    options: { kind: 'crd', size: 4, shared: true, count: 16, teacher: 'layer1.2' },
    student: { embedding: [4, 5] },
    teacher: { 'layer1.2': [4, 3, 2, 2] },
  },
  { options: { kind: 'crd', size: 4, negatives: 'batch' }, student: { embedding: [4, 5] }, teacher: { embedding: [4, 6] } },
  { options: { kind: 'ab' }, student: maps, teacher: wider },
  { options: { kind: 'ab', form: 'paper', margin: 0.5 }, student: vectors, teacher: vectors },
  { options: { kind: 'ft' }, student: maps, teacher: wider },
  { options: { kind: 'ft', paraphraser: 'none', norm: 'l2', form: 'paper' }, student: tokens, teacher: tokens },
  { options: { kind: 'ft', form: 'mean-channel', rate: 1 }, student: maps, teacher: maps },
  { options: { kind: 'fsp' }, student: maps, teacher: wider },
  { options: { kind: 'fsp' }, student: maps, teacher: maps, zeroAtTeacher: true },
  { options: { kind: 'ofd' }, student: maps, teacher: wider },
  { options: { kind: 'ofd', layers: 'last' }, student: vectors, teacher: vectors },
];
