import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { grad } from '../../src/autodiff/grad.ts';
import { ensembleKd } from '../../src/methods/responses/ensemble-kd.ts';
import { mappedKd } from '../../src/methods/responses/mapped-kd.ts';
import { sum } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { standIn } from './signals.ts';

const [B, K] = [4, 3];
// Two teachers agree on the labels 0 1 2 0; the third is sure of class 2 throughout. The last example has no label.
const good = [3, 0, 0, 0, 3, 0, 0, 0, 3, 3, 0, 0];
const fair = [2, 0, 0, 0, 2, 0, 0, 0, 2, 2, 0, 0];
const bad = [0, 0, 6, 0, 0, 6, 0, 0, 6, 0, 0, 6];
const target = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];

type Options = Omit<z.input<typeof ensembleKd.options>, 'kind'>;

/** Mean weights, values and gradients with respect to the student's logits and the parameters. */
async function ensemble(options: Options, teachers: readonly (readonly number[])[] = [good, fair, bad]) {
  const names = teachers.map((_, m) => `logits.${m}`);
  const shape = [B, K];
  const made = standIn({
    student: { logits: shape, embedding: [B, 5] },
    teacher: { logits: shape, ...Object.fromEntries(names.map((name) => [name, shape])) },
    target: shape,
  });
  const parsed = ensembleKd.options.parse({ kind: 'ensemble-kd', ...options });
  expect(ensembleKd.needs(parsed, made.signals.offer).teacher).toEqual(names);
  const { values, shows } = ensembleKd.loss(made.signals, parsed);
  const [logits, embedding] = ['logits', 'embedding'].map((tap) => made.signals.student.get(tap)!);
  const params = made.params();
  const slopes = grad(sum(values), [logits!, embedding!, ...params.map((p) => p.value)]);
  const data = { target, ...Object.fromEntries(names.map((name, m) => [`teacher.${name}`, teachers[m]!])) };
  const found = await evaluate(
    { values, ...shows, ...Object.fromEntries(slopes.map((slope, i) => [`d ${i}`, slope])) },
    made.feeds(1, data),
  );
  return {
    values: numbers(found.values!),
    weights: names.map((_, m) => numbers(found[`teacher.${m}`]!)[0]!),
    student: numbers(found['d 0']!),
    embedding: numbers(found['d 1']!),
    params: Object.fromEntries(params.map(({ name }, i) => [name, numbers(found[`d ${i + 2}`]!)])),
  };
}
const close = (list: readonly number[]) => list.map((v) => expect.closeTo(v, 5));

describe('weights of teachers', () => {
  test('equal, and given numbers in proportion', async () => {
    expect((await ensemble({})).weights).toEqual(close([1 / 3, 1 / 3, 1 / 3]));
    expect((await ensemble({ weights: [3, 1, 0] })).weights).toEqual(close([0.75, 0.25, 0]));
    expect((await ensemble({ weights: { by: 'fixed', values: [3, 1, 0] } })).weights).toEqual(close([0.75, 0.25, 0]));
  });

  test('confidence follows the entropy, right or wrong', async () => {
    const { weights } = await ensemble({ weights: { by: 'confidence', sharpness: 3 } });
    expect(weights[2]).toBeGreaterThan(weights[0]!);
    expect(weights[0]).toBeGreaterThan(weights[1]!);
    const first = await ensemble({ weights: { by: 'confidence', of: 'first' } });
    const p = [3, 2, 6].map((z) => Math.exp(z) / (Math.exp(z) + 2));
    const e = p.map(Math.exp);
    expect(first.weights).toEqual(close(e.map((v) => v / e.reduce((a, b) => a + b))));
  });

  test('agreement turns against the odd one out', async () => {
    const { weights } = await ensemble({ weights: { by: 'agreement' } });
    expect(Math.min(weights[0]!, weights[1]!)).toBeGreaterThan(2 * weights[2]!);
  });

  test('the worst on the label is dropped; without a label, the furthest from the mean', async () => {
    // Example 2 has the label that the third teacher always says; to the mean of the last, unlabelled one the second is closest.
    expect((await ensemble({ dropWorst: 1 })).weights).toEqual(close([0.5, 0.375, 0.125]));
    expect((await ensemble({ dropWorst: 2 })).weights).toEqual(close([0.5, 0.25, 0.25]));
  });

  test('learned scores start equal and learn to turn from the teacher that is wrong; the student gets nothing of that', async () => {
    const equal = await ensemble({});
    const { weights, student, embedding, params } = await ensemble({ weights: { by: 'learned', from: 'student' } });
    expect(weights).toEqual(close([1 / 3, 1 / 3, 1 / 3]));
    expect(student).toEqual(close(equal.student));
    expect(embedding.every((g) => Math.abs(g) === 0)).toBe(true);
    expect(Object.keys(params)).toEqual(['teacher-weights.weight', 'teacher-weights.bias']);
    const [first, , third] = params['teacher-weights.bias']!;
    expect(first).toBeLessThan(0);
    expect(third).toBeGreaterThan(0);
  });

  test('numbers that do not fit the teachers are errors', async () => {
    await expect(ensemble({ weights: [1, 2] })).rejects.toThrow('ensemble-kd: 2 weights for 3 teachers; expected one for each');
    await expect(ensemble({ dropWorst: 3 })).rejects.toThrow('ensemble-kd: dropWorst is 3 with 3 teachers');
  });
});

test('teachers are taken in the order of their numbers', () => {
  const shape = [2, 3];
  const taps = Object.fromEntries(['logits.10', 'logits', 'logits.2', 'logits.x'].map((name) => [name, shape]));
  const { signals } = standIn({ student: { logits: shape }, teacher: taps, target: shape });
  const options = ensembleKd.options.parse({ kind: 'ensemble-kd' });
  expect(ensembleKd.needs(options, signals.offer).teacher).toEqual(['logits.2', 'logits.10']);
});

test('classes in no group on one side alone are an error with rest together', () => {
  const { signals } = standIn({ student: { logits: [2, 2] }, teacher: { logits: [2, 5] }, target: [2, 2] });
  const options = mappedKd.options.parse({ kind: 'mapped-kd', groups: [[4], [0]], rest: 'together' });
  expect(() => mappedKd.loss(signals, options)).toThrow('mapped-kd: the teacher has classes in no group, the student has none');
});
