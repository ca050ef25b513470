import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import type { Shape } from '../../src/graph/type.ts';
import { type ProjectOptions, project } from '../../src/methods/features/projector.ts';
import { stagesOf } from '../../src/methods/features/stages.ts';
import { lossSchema, methodOf } from '../../src/methods/index.ts';
import { mean } from '../../src/ops/reduce.ts';
import { evaluate, type Feeds, numbers } from '../support/ort.ts';
import { standIn } from './signals.ts';

/** A student's tap brought to a shape: the result, and what is trained for it. */
async function projected(from: readonly number[], like: Shape, options: ProjectOptions = {}) {
  const made = standIn({ student: { tap: from }, target: [2, 3] });
  const y = project(made.signals.extras, 'p', made.signals.student.get('tap')!, like, options);
  const found = await evaluate({ y }, made.feeds());
  return {
    shape: found.y!.shape,
    values: numbers(found.y!),
    params: Object.fromEntries(made.params().map((p) => [p.name, p.shape])),
    tap: numbers(made.feeds()['student.tap']!),
  };
}

describe('a projector sizes itself', () => {
  test.each([
    ['vectors', [2, 5], [2, 3], { 'p.layer0.weight': [5, 3], 'p.layer0.bias': [3] }],
    ['maps of one size', [2, 5, 4, 4], [2, 3, 4, 4], { 'p.layer0.weight': [3, 5, 1, 1] }],
    ['larger maps', [2, 5, 8, 8], [2, 3, 4, 4], { 'p.layer0.weight': [3, 5, 1, 1] }],
    ['smaller maps', [2, 5, 2, 3], [2, 3, 7, 7], { 'p.layer0.weight': [3, 5, 1, 1] }],
    ['only the size of maps', [2, 3, 8, 8], [2, 3, 4, 4], {}],
    ['tokens', [2, 4, 5], [2, 4, 3], { 'p.layer0.weight': [5, 3], 'p.layer0.bias': [3] }],
    ['another number of tokens', [2, 9, 5], [2, 4, 5], {}],
    ['tokens with a class token to a map', [2, 17, 5], [2, 3, 2, 2], { 'p.layer0.weight': [3, 5, 1, 1] }],
    ['tokens to a map of as many cells', [2, 6, 3], [2, 3, 2, 3], {}],
    ['a map to tokens with a class token', [2, 3, 8, 8], [2, 17, 3], {}],
    ['a map to a vector', [2, 5, 4, 4], [2, 3], { 'p.layer0.weight': [5, 3], 'p.layer0.bias': [3] }],
    ['tokens to a vector', [2, 4, 3], [2, 3], {}],
  ] as [string, number[], number[], Record<string, number[]>][])('%s', async (_, from, like, params) => {
    const found = await projected(from, like);
    expect(found.shape).toEqual(like);
    expect(found.params).toEqual(params);
    expect(found.values.every(Number.isFinite)).toBe(true);
  });

  test('nothing is trained or changed where shapes are equal, unless asked for', async () => {
    const same = await projected([2, 3, 2, 2], [2, 3, 2, 2]);
    expect(same.values).toEqual(same.tap);
    expect(same.params).toEqual({});
    const asked = await projected([2, 3], [2, 3], { always: true, depth: 2 });
    expect(Object.keys(asked.params)).toEqual(['p.layer0.weight', 'p.layer0.bias', 'p.layer1.weight', 'p.layer1.bias']);
  });

  test('the mean over a map stands for the class token', async () => {
    const { values, tap } = await projected([1, 1, 2, 2], [1, 5, 1]);
    expect(values.slice(1)).toEqual(tap);
    expect(values[0]).toBeCloseTo(tap.reduce((a, b) => a + b) / 4, 6);
  });

  test('where there is no way the error names both shapes', async () => {
    await expect(projected([2, 5], [2, 3, 4, 4])).rejects.toThrow(
      'projector p: no way from [2,5] of the student to [2,3,4,4] of the teacher',
    );
    await expect(projected([2, 7, 5], [2, 3, 4, 4])).rejects.toThrow('projector p: 7 tokens make no picture');
  });
});

describe('crd', () => {
  const examples = 20;
  const [batch, size] = [3, 4];
  const open = (step: number, more = {}) => {
    const options = lossSchema.parse({ kind: 'crd', size, ...more });
    const shapes = { embedding: [batch, 5] };
    const made = standIn({ student: shapes, teacher: shapes, target: [batch, 3], examples, progress: { step } });
    const { values } = methodOf(options).loss(made.signals, options);
    return { made, values };
  };
  const results = async (step: number, data: Feeds = {}, more = {}) => {
    const { made, values } = open(step, more);
    const after = Object.fromEntries(made.buffers().map((b) => [`after ${b.name}`, b.after]));
    const feeds: Feeds = { ...made.feeds(), ...data };
    return { found: await evaluate({ values, ...after }, feeds), feeds };
  };

  test('moves the rows of the batch alone, which become unit vectors', async () => {
    const { found, feeds } = await results(0);
    const [before, after] = [numbers(feeds['student.memory']!), numbers(found['after student.memory']!)];
    const rows = numbers(feeds.indices!);
    for (let row = 0; row < examples; row++) {
      const [old, next] = [before, after].map((v) => v.slice(row * size, (row + 1) * size)) as [number[], number[]];
      if (rows.includes(row)) expect(Math.hypot(...next)).toBeCloseTo(1, 5);
      else expect(next).toEqual(old);
    }
  });

  test('a row moves from where it was by what momentum leaves', async () => {
    const { found, feeds } = await results(0, {}, { momentum: 1 });
    const row = numbers(feeds.indices!)[0]!;
    const [old, next] = [feeds['student.memory']!, found['after student.memory']!].map((t) =>
      numbers(t).slice(row * size, (row + 1) * size),
    ) as [number[], number[]];
    for (const [i, v] of old.entries()) expect(next[i]).toBeCloseTo(v / Math.hypot(...old), 5);
  });

  test('scores each side against what is remembered of the other', async () => {
    const { made, values } = open(0);
    const [s, t] = [made.signals.student.get('embedding')!, made.signals.teacher.get('embedding')!];
    const [student, teacher] = grad(mean(values), [s, t]);
    const slopes = async (changed?: string) => {
      const feeds = made.feeds();
      const other = changed && {
        [changed]: { ...feeds[changed]!, data: Float32Array.from(numbers(feeds[changed]!), (v) => v * v) },
      };
      const found = await evaluate({ student: student!, teacher: teacher! }, { ...feeds, ...other });
      return { student: numbers(found.student!), teacher: numbers(found.teacher!) };
    };
    const plain = await slopes();
    const ofStudent = await slopes('student.memory');
    expect(ofStudent.student).toEqual(plain.student);
    expect(ofStudent.teacher).not.toEqual(plain.teacher);
    const ofTeacher = await slopes('teacher.memory');
    expect(ofTeacher.teacher).toEqual(plain.teacher);
    expect(ofTeacher.student).not.toEqual(plain.student);
  });

  test('keeps the normaliser of the first step', async () => {
    const first = await results(0);
    const kept = first.found['after student.normaliser']!;
    expect(numbers(kept)[0]).toBeGreaterThan(0);
    const later = await results(1, { 'student.normaliser': kept });
    expect(numbers(later.found['after student.normaliser']!)).toEqual(numbers(kept));
  });

  test('tells from no more examples than there are, drawn for each example or for the batch', () => {
    const drawn = (more = {}) => open(0, more).made.feeds().others!.shape;
    expect(drawn()).toEqual([batch, examples]);
    expect(drawn({ count: 7 })).toEqual([batch, 7]);
    expect(drawn({ count: 7, shared: true })).toEqual([7]);
  });

  test('shared others cost the same as the same others for each example', async () => {
    const shared = await results(0, {}, { count: 5, shared: true });
    const one = shared.feeds.others!;
    const each = { ...one, shape: [batch, 5], data: Float32Array.from({ length: batch * 5 }, (_, i) => numbers(one)[i % 5]!) };
    const apart = await results(0, { others: each }, { count: 5 });
    for (const [i, v] of numbers(shared.found.values!).entries()) expect(v).toBeCloseTo(numbers(apart.found.values!)[i]!, 4);
  });
});

test('stages are the ends of even blocks of the hidden layers that have places', () => {
  const taps = (n: number) =>
    new Map<string, Shape>([...Array(n).keys()].map((i): [string, Shape] => [`hidden.${i}`, [8, 4, 4]]));
  const teacher = new Map<string, Shape>([...taps(9), ['hidden.9', [64]], ['logits', [10]]]);
  expect(stagesOf(undefined, { student: taps(3), teacher }, 2).map((s) => `${s.student} ${s.teacher}`)).toEqual([
    'hidden.0 hidden.2',
    'hidden.1 hidden.5',
    'hidden.2 hidden.8',
  ]);
  expect(stagesOf(undefined, { student: taps(1), teacher }, 2)).toContainEqual({ student: 'hidden.1', teacher: 'hidden.1' });
});
