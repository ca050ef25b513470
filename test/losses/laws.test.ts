import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { random } from '../../src/data/random.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { neededNodes } from '../../src/graph/needed.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { crossEntropy } from '../../src/losses/cross-entropy.ts';
import { meanSquaredError } from '../../src/losses/regression.ts';
import { reverseSoftTargets, softTargets } from '../../src/losses/responses/soft-targets.ts';
import { sum } from '../../src/ops/reduce.ts';
import { type Loss, measure } from '../support/measure.ts';
import { numbers } from '../support/ort.ts';

const [B, K] = [5, 7];
function logits(seed: number, size = 3): Tensor {
  const draws = random(seed, 'logits');
  return tensor(
    'float32',
    [B, K],
    Array.from({ length: B * K }, () => Math.fround(draws.normal() * size)),
  );
}
const shifted = (t: Tensor, by: number): Tensor =>
  tensor(
    'float32',
    t.shape,
    numbers(t).map((v) => v + by),
  );
const largest = (list: readonly number[]): number => Math.max(...list.map(Math.abs));
const difference = (a: readonly number[], b: readonly number[]): number => largest(a.map((v, i) => v - b[i]!));

const divergences: readonly [string, (t: number) => Loss][] = [
  ['softTargets', (t) => (s, z) => softTargets(s, z, t)],
  ['reverseSoftTargets', (t) => (s, z) => reverseSoftTargets(s, z, t)],
];

describe.each(divergences)('%s', (_, at) => {
  test('is zero, with a gradient of zero, where student and teacher agree', async () => {
    const { values, slope } = await measure(at(3), logits(1), logits(1));
    expect(largest(values)).toBe(0);
    expect(largest(slope)).toBeLessThan(1e-6);
  });

  test('does not see a constant added to all logits of an example', async () => {
    const plain = await measure(at(2), logits(1), logits(2));
    const moved = await measure(at(2), shifted(logits(1), 5), shifted(logits(2), -3));
    expect(difference(plain.values, moved.values)).toBeLessThan(1e-4);
    expect(difference(plain.slope, moved.slope)).toBeLessThan(1e-4);
  });

  test('is never negative', async () => {
    expect(Math.min(...(await measure(at(1), logits(3), logits(4))).values)).toBeGreaterThan(0);
  });

  test('has the gradient (zˢ − zᵗ)/K for a large temperature and logits of mean zero', async () => {
    const centred = (t: Tensor): Tensor => {
      const v = numbers(t);
      const means = Array.from({ length: B }, (_, i) => v.slice(i * K, (i + 1) * K).reduce((p, q) => p + q) / K);
      return tensor(
        'float32',
        [B, K],
        v.map((x, i) => x - means[Math.floor(i / K)]!),
      );
    };
    const [s, t] = [centred(logits(1, 1)), centred(logits(2, 1))];
    const { slope } = await measure(at(200), s, t);
    const limit = numbers(s).map((v, i) => (v - numbers(t)[i]!) / K);
    expect(difference(slope, limit)).toBeLessThan(0.02 * largest(limit));
  });

  test('the gradient sums to zero in every example', async () => {
    const { slope } = await measure(at(2), logits(1), logits(2));
    for (let i = 0; i < B; i++) expect(Math.abs(slope.slice(i * K, (i + 1) * K).reduce((p, q) => p + q))).toBeLessThan(1e-5);
  });
});

test('a class that the teacher rules out costs nothing but its mass', async () => {
  const teacher = tensor('float32', [1, 3], [1, 2, Number.NEGATIVE_INFINITY]);
  const student = tensor('float32', [1, 3], [1, 2, -30]);
  const { values, slope } = await measure((s, t) => softTargets(s, t, 1), student, teacher);
  expect(largest(values)).toBeLessThan(1e-6);
  expect(largest(slope)).toBeLessThan(1e-6);
});

test('the gradient of soft targets takes few operators', () => {
  const graph = new Graph();
  const s = graph.input('s', { dtype: 'float32', shape: [B, K] });
  const loss = sum(softTargets(s, graph.input('t', { dtype: 'float32', shape: [B, K] }), 4));
  const forward = graph.nodes.length;
  const [slope] = grad(loss, [s]);
  const backward = neededNodes(slope!.graph, [slope!]).filter(
    (n) => n.index >= forward && n.outputs[0]!.shape.join() === `${B},${K}`,
  );
  expect(backward.map((n) => n.op.onnx).sort()).toEqual(['Exp', 'Mul', 'Mul', 'Mul', 'Sub']);
});

test('cross-entropy with the probabilities of the teacher has the gradient of soft targets', async () => {
  const [s, t] = [logits(1), logits(2)];
  const exp = numbers(t).map(Math.exp);
  const q = exp.map((v, i) => v / exp.slice(Math.floor(i / K) * K, Math.floor(i / K) * K + K).reduce((a, b) => a + b));
  const hard = await measure((a, b) => crossEntropy(a, b), s, tensor('float32', [B, K], q));
  const soft = await measure((a, b) => softTargets(a, b, 1), s, t);
  expect(difference(hard.slope, soft.slope)).toBeLessThan(1e-6);
});

test('shapes that only fit by broadcasting are errors', () => {
  const graph = new Graph();
  const value = (...shape: number[]): Value => graph.input(`v${graph.inputs.length}`, { dtype: 'float32', shape });
  expect(() => softTargets(value(8, 10), value(8, 1), 4)).toThrow(
    'soft targets: logits of the student and of the teacher: [8,10] against [8,1]; expected equal shapes',
  );
  expect(() => softTargets(value(8, 10), value(8, 100), 4)).toThrow('[8,10] against [8,100]');
  expect(() => crossEntropy(value(8, 10), value(1, 10))).toThrow('cross-entropy: logits and target');
  expect(() => crossEntropy(value(8, 3), value(8, 3), { classWeights: [1, 2] })).toThrow('2 class weights for logits [8,3]');
  expect(() => meanSquaredError(value(8, 1), value(8))).toThrow('[8,1] against [8]');
});
