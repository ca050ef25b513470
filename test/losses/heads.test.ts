import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { crossEntropy } from '../../src/losses/cross-entropy.ts';
import { crossEntropyInHeads, overHeads } from '../../src/losses/heads.ts';
import { softTargets } from '../../src/losses/responses/soft-targets.ts';
import { lossSchema } from '../../src/methods/index.ts';
import { add } from '../../src/ops/elementwise.ts';
import { mean } from '../../src/ops/reduce.ts';
import { goldenLosses } from '../support/golden.ts';
import { evaluate, numbers } from '../support/ort.ts';

interface Options {
  readonly heads: number[][];
  readonly smoothing: number;
  readonly classWeights?: number[];
  readonly temperature: number;
}

const softTargetsInHeads = (student: Value, teacher: Value, temperature: number, heads: number[][]): Value =>
  overHeads([student, teacher], heads, ([s, t]) => softTargets(s!, t!, temperature));

goldenLosses<Options>('heads.json', {
  crossEntropyInHeads: ({ student, target }, { heads, ...options }) => crossEntropyInHeads(student!, target!, heads, options),
  softTargetsInHeads: ({ student, teacher }, { heads, temperature }) =>
    softTargetsInHeads(student!, teacher!, temperature, heads),
});

const rows = [
  [0.3, -1, 2, 0.7],
  [1.5, 0.2, -0.4, 0.1],
  [-2, 0.6, 0.9, 1.1],
];
const labels = [
  [0, 0, 1, 0],
  [1, 0, 0, 0],
  [0, 1, 0, 0],
];
const feeds = {
  z: tensor('float32', [3, 4], rows.flat()),
  t: tensor(
    'float32',
    [3, 4],
    rows.flat().map((v, i) => v * (1 - (i % 3))),
  ),
  y: tensor('float32', [3, 4], labels.flat()),
};

/** A loss of logits, teacher and target, per example, and its slope for the logits. */
async function ask(loss: (z: Value, t: Value, y: Value) => Value) {
  const graph = new Graph();
  const [z, t, y] = ['z', 't', 'y'].map((name) => graph.input(name, { dtype: 'float32', shape: [3, 4] })) as [
    Value,
    Value,
    Value,
  ];
  const values = loss(z, t, y);
  const [slope] = grad(mean(values), [z]);
  // Whatever a loss leaves out is still an input.
  const unused = mean(add(add(z, t), y));
  const found = await evaluate({ values, slope: slope!, unused }, feeds);
  return { values: numbers(found.values!), slope: numbers(found.slope!) };
}

describe('heads', () => {
  test('one head of all classes is the loss without heads', async () => {
    const all = [[0, 1, 2, 3]];
    expect(await ask((z, _, y) => crossEntropyInHeads(z, y, all))).toEqual(await ask((z, _, y) => crossEntropy(z, y)));
    expect(await ask((z, t) => softTargetsInHeads(z, t, 2, all))).toEqual(await ask((z, t) => softTargets(z, t, 2)));
  });

  test('classes in no head get no gradient at all', async () => {
    const heads = [[0], [2, 1]];
    const { slope: labelled } = await ask((z, _, y) => crossEntropyInHeads(z, y, heads));
    const { slope: taught } = await ask((z, t) => softTargetsInHeads(z, t, 2, heads));
    for (const slope of [labelled, taught]) expect([3, 7, 11].map((i) => Math.abs(slope[i]!))).toEqual([0, 0, 0]);
    expect(taught[1]).not.toBe(0);
  });

  test('a label in no head gives 0, and a head without the label gets no gradient', async () => {
    const { values, slope } = await ask((z, _, y) => crossEntropyInHeads(z, y, [[0, 1]]));
    expect(values[0]).toBeCloseTo(0, 12);
    expect(slope.slice(0, 4).map(Math.abs)).toEqual([0, 0, 0, 0]);
    expect(values[1]).toBeCloseTo(Math.log(1 + Math.exp(0.2 - 1.5)), 6);
  });

  test('refuses classes that are not there, and one in two heads', () => {
    const z = new Graph().input('z', { dtype: 'float32', shape: [3, 4] });
    expect(() => crossEntropyInHeads(z, z, [[0, 4]])).toThrow('heads: class 4 in group 0; expected classes 0 to 3');
    expect(() => lossSchema.parse({ kind: 'kd', heads: [[0, 1], [1]] })).toThrow('a class stands in two heads');
  });
});
