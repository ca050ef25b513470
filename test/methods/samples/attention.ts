import type { MethodSample } from './define.ts';

const layers = (n: number, heads: number): Record<string, readonly number[]> =>
  Object.fromEntries(Array.from({ length: n }, (_, i) => [`attention.${i}`, [2, heads, 3, 3]]));
const last = (heads: number, width: number): Record<string, readonly number[]> => ({
  'attention.0': [2, heads, 3, 3],
  'attention.1': [2, heads, 3, 3],
  'value.0': [2, heads, 3, width],
  'value.1': [2, heads, 3, width],
});
const projections = (heads: number, width: number): Record<string, readonly number[]> => ({
  'query.0': [2, heads, 3, width],
  'key.0': [2, heads, 3, width],
  'value.0': [2, heads, 3, width],
});

/** Attention of transformers. */
export const samples: readonly MethodSample[] = [
  { options: { kind: 'attention' }, student: layers(2, 2), teacher: layers(4, 2) },
  ...['pre', 'post', 'post-kl'].map(
    (form): MethodSample => ({
      options: { kind: 'attention', form },
      student: layers(2, 2),
      teacher: layers(2, 2),
      zeroAtTeacher: true,
    }),
  ),
  { options: { kind: 'attention', heads: 'group', padding: 'zero' }, student: layers(1, 2), teacher: layers(3, 4) },
  { options: { kind: 'attention', form: 'post-kl', layers: 'emd' }, student: layers(2, 2), teacher: layers(3, 3) },
  { options: { kind: 'attention', layers: 'attention' }, student: layers(2, 2), teacher: layers(3, 3) },
  {
    options: { kind: 'attention', form: 'post', given: 'probabilities', layers: [{ student: 'a', teacher: 'b/scores' }] },
    student: { a: [2, 3, 3] },
    teacher: { 'b/scores': [2, 2, 3, 3] },
  },
  { options: { kind: 'minilm' }, student: last(2, 4), teacher: last(2, 4), zeroAtTeacher: true },
  { options: { kind: 'minilm', heads: 'group' }, student: last(2, 4), teacher: last(4, 3) },
  {
    options: { kind: 'minilm', relations: ['query', 'key', 'value'], relationHeads: 3 },
    student: projections(2, 3),
    teacher: projections(4, 3),
  },
  {
    options: { kind: 'minilm', student: { layer: 0 }, teacher: { attention: 'att', value: 'v' } },
    student: last(2, 3),
    teacher: { att: [2, 2, 3, 3], v: [2, 2, 3, 5] },
  },
];
