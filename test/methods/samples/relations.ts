import type { MethodSample } from './define.ts';

const alike = { student: { embedding: [4, 3] }, teacher: { embedding: [4, 3] } };
const unlike = { student: { embedding: [4, 3] }, teacher: { embedding: [4, 6] } };
const maps = { student: { 'hidden.1': [3, 2, 2, 2] }, teacher: { 'block/out': [3, 4, 3, 3] } };
const tapping = { student: 'hidden.1', teacher: 'block/out' };

/** Relations between the examples of a batch. */
export const samples: readonly MethodSample[] = [
  ...['rkd-distance', 'rkd-angle', 'sp', 'pkt', 'cc', 'cosine-gram', 'mean-cosine'].flatMap((kind): MethodSample[] => [
    { options: { kind }, ...alike, zeroAtTeacher: true },
    { options: { kind }, ...unlike },
    { options: { kind, ...tapping }, ...maps },
  ]),
  { options: { kind: 'rkd-angle', corners: 2 }, ...alike, zeroAtTeacher: true },
  { options: { kind: 'pkt', form: 'paper' }, ...alike, zeroAtTeacher: true },
  { options: { kind: 'cc', form: 'gaussian' }, ...unlike },
  { options: { kind: 'cc', form: 'neighbours' }, ...alike, zeroAtTeacher: true },
  { options: { kind: 'darkrank' }, ...alike },
  { options: { kind: 'darkrank', length: 2, ...tapping }, ...maps },
];
