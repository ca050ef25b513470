import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import { Graph, type Value } from '../../src/graph/graph.ts';
import { softTargets } from '../../src/losses/responses/soft-targets.ts';
import { reversal, reverseGradient } from '../../src/methods/temperature/learned.ts';
import {
  scheduledTemperature,
  temperatureOf,
  temperatureOption,
  temperatureRules,
  temperatureShows,
} from '../../src/methods/temperature/list.ts';
import { mean, sum } from '../../src/ops/reduce.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { type StandIn, standIn } from './signals.ts';

const [B, K] = [4, 5];
const open = (step = 0): StandIn =>
  standIn({ student: { logits: [B, K] }, teacher: { logits: [B, K] }, target: [B, K], progress: { step, steps: 300 } });
const parse = (option: unknown) => temperatureOption(4).parse(option);

type Data = Readonly<Record<string, readonly number[]>>;

/** The temperature of an option as numbers. */
async function temperature(option: unknown, data: Data = {}, step = 0): Promise<number[]> {
  const made = open(step);
  const t = temperatureOf(parse(option), made.signals) as Value;
  return numbers((await evaluate({ t }, made.feeds(1, data))).t!);
}
const drawn = (side: string): number[] => numbers(open().feeds()[`${side}.logits`]!);
const rows = (list: readonly number[]): number[][] => Array.from({ length: B }, (_, i) => list.slice(i * K, (i + 1) * K));
const turned = (list: readonly number[]): number[] => [...list.slice(K), ...list.slice(0, K)];

describe('the option', () => {
  test('is a number unless told, or changes with the step', async () => {
    expect(temperatureOf(parse(undefined), open().signals)).toBe(4);
    expect(await temperature({ schedule: 'linear', from: 8, to: 2 }, {}, 299)).toEqual([2]);
  });

  test('never comes to zero', () => {
    expect(() => parse(0)).toThrow();
    for (const bad of [
      { schedule: 'linear', from: 4, to: 0 },
      { schedule: 'exponential', from: 4, rate: 1, floor: 0 },
    ]) {
      expect(() => parse(bad)).toThrow('a temperature must stay above 0');
      expect(() => scheduledTemperature(4).parse(bad)).toThrow('a temperature must stay above 0');
    }
  });

  test('records what is not a number: the mean over the batch', async () => {
    expect(temperatureShows(4)).toEqual({});
    const made = open();
    const t = temperatureOf(parse({ by: 'entropy' }), made.signals) as Value;
    const found = await evaluate({ t, ...temperatureShows(t) }, made.feeds());
    expect(numbers(found.temperature!)[0]).toBeCloseTo(numbers(found.t!).reduce((a, b) => a + b) / B, 5);
  });
});

describe.each(temperatureRules.map(({ by }) => [by, { by, ...(by === 'learned' && { per: 'example' }) }] as const))(
  '%s',
  (_, option) => {
    test('is one positive number for each example, whatever the logits', async () => {
      for (const value of [(i: number) => (i % 3 === 0 ? 40 : -40), () => 0, () => 7]) {
        const logits = Array.from({ length: B * K }, (_v, i) => value(i));
        const found = await temperature(option, { 'student.logits': logits, 'teacher.logits': logits });
        expect(found).toHaveLength(B);
        expect(found.every((t) => Number.isFinite(t) && t >= 1 && t <= 21)).toBe(true);
      }
    });

    test('follows the examples when they change places', async () => {
      const plain = await temperature(option);
      const data = { 'student.logits': turned(drawn('student')), 'teacher.logits': turned(drawn('teacher')) };
      const moved = await temperature(option, data);
      expect(moved).toEqual([...plain.slice(1), plain[0]!].map((v) => expect.closeTo(v, 4)));
    });

    test('lets no gradient into the logits', () => {
      const made = open();
      const t = temperatureOf(parse(option), made.signals) as Value;
      const { student, teacher } = made.signals;
      expect(() => grad(sum(t), [student.get('logits')!, teacher.get('logits')!])).not.toThrow();
      return evaluate(
        Object.fromEntries(grad(sum(t), [student.get('logits')!, teacher.get('logits')!]).map((v, i) => [`d${i}`, v])),
        made.feeds(),
      ).then((found) => {
        expect(
          Object.values(found)
            .flatMap(numbers)
            .every((g) => g === 0),
        ).toBe(true);
      });
    });
  },
);

test('by entropy it reaches both limits: what the teacher is sure of is softened most, or least', async () => {
  const data = { 'teacher.logits': rows(drawn('teacher')).flatMap((row, i) => row.map((_, k) => (i < 2 && k === i ? 40 : 0))) };
  const confident = await temperature({ by: 'entropy', min: 2, max: 6 }, data);
  expect(confident).toEqual([6, 6, 2, 2].map((v) => expect.closeTo(v, 4)));
  const uncertain = await temperature({ by: 'entropy', min: 2, max: 6, softens: 'uncertain' }, data);
  expect(uncertain).toEqual([2, 2, 6, 6].map((v) => expect.closeTo(v, 4)));
});

test('by norm it makes the softened teacher blind to the scale and the level of its logits', async () => {
  const option = { by: 'norm', min: 1e-3, max: 1e3 };
  const plain = await temperature(option);
  const changed = await temperature(option, { 'teacher.logits': drawn('teacher').map((v) => 3 * v + 5) });
  expect(changed).toEqual(plain.map((v) => expect.closeTo(3 * v, 3)));
});

test.each(['flsw', 'cwsm'])('by %s its mean over a batch is the base', async (by) => {
  const found = await temperature({ by, base: 50, beta: 2, min: 1, max: 100 });
  expect(found.reduce((a, b) => a + b) / B).toBeCloseTo(50, 4);
  expect(Math.max(...found) - Math.min(...found)).toBeGreaterThan(0.01);
});

describe('learned', () => {
  /** The trained number's gradient of the loss, and the temperature. */
  async function learn(step: number, more: object = {}): Promise<{ t: number; slope: number }> {
    const made = open(step);
    const { student, teacher } = made.signals;
    const t = temperatureOf(parse({ by: 'learned', range: 4, ...more }), made.signals) as Value;
    const [slope] = grad(
      mean(softTargets(student.get('logits')!, teacher.get('logits')!, t)),
      made.params().map((p) => p.value),
    );
    const found = await evaluate({ t, slope: slope! }, made.feeds());
    return { t: numbers(found.t!)[0]!, slope: numbers(found.slope!)[0]! };
  }

  test('starts at from + range·sigmoid(1), however strong the reversal', async () => {
    const start = 1 + 4 / (1 + Math.exp(-1));
    expect((await learn(0)).t).toBeCloseTo(start, 5);
    expect((await learn(150)).t).toBeCloseTo(start, 5);
    const found = await temperature({ by: 'learned' });
    expect(found[0]).toBeCloseTo(15.62, 2);
  });

  test('is trained against the student, more so as the strength rises over the first epochs', async () => {
    const [none, half, full, strong] = await Promise.all([learn(0), learn(50), learn(100), learn(200, { most: 3 })]);
    expect(Math.abs(none.slope)).toBe(0);
    expect(half.slope).toBeCloseTo(full.slope / 2, 6);
    expect(strong.slope).toBeCloseTo(3 * full.slope, 5);
    expect(full.slope).not.toBe(0);
  });

  test('its strength is half a cosine from 0 to the most', () => {
    const at = (epoch: number, rise = 10) => reversal({ step: epoch * 10, steps: 300, stepsPerEpoch: 10 }, { most: 2, rise });
    expect([0, 2.5, 5, 10, 20].map((e) => at(e))).toEqual([0, 1 - Math.SQRT1_2, 1, 2, 2].map((v) => expect.closeTo(v, 12)));
    expect(at(0, 0)).toBe(2);
  });

  test('a reversed gradient changes no value', async () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [3] });
    const y = reverseGradient(x, graph.scalar(0.7));
    const [slope] = grad(sum(y), [x]);
    const found = await evaluate(
      { y, slope: slope! },
      { x: { dtype: 'float32', shape: [3], data: Float32Array.from([1, -2, 30]) } },
    );
    expect(numbers(found.y!)).toEqual([1, -2, 30].map((v) => expect.closeTo(v, 5)));
    expect(numbers(found.slope!)).toEqual([-0.7, -0.7, -0.7].map((v) => expect.closeTo(v, 6)));
  });
});
