import { describe, expect, test } from 'vitest';
import { lowest, type ScheduleOptions, scheduled, scheduleSchema, schedules } from '../../src/methods/schedules/list.ts';

const parse = (options: object): ScheduleOptions => scheduleSchema.parse(options);
/** Numbers at the given steps of 101, ten to the epoch. */
const at = (options: object, steps: readonly number[]): number[] =>
  steps.map((step) => scheduled(parse(options), { step, steps: 101, stepsPerEpoch: 10 }));
const close = (list: readonly number[]) => list.map((v) => expect.closeTo(v, 12));

describe('a number that changes', () => {
  test('linear goes in a line between two shares of the training', () => {
    const inside = { schedule: 'linear', from: 4, to: 1, begin: 0.2, end: 0.8 };
    expect(at(inside, [0, 20, 50, 65, 80, 100])).toEqual(close([4, 4, 2.5, 1.75, 1, 1]));
    expect(at({ schedule: 'linear', from: 0, to: 1 }, [0, 25, 100])).toEqual(close([0, 0.25, 1]));
  });

  test('cosine leaves slowly and arrives slowly', () => {
    const half = Math.SQRT1_2;
    expect(at({ schedule: 'cosine', from: 8, to: 2 }, [0, 25, 50, 75, 100])).toEqual(
      close([8, 5 + 3 * half, 5, 5 - 3 * half, 2]),
    );
  });

  test('step changes at its share', () => {
    expect(at({ schedule: 'step', from: 8, to: 2, at: 0.4 }, [0, 39, 40, 100])).toEqual([8, 8, 2, 2]);
  });

  test('exponential is max(floor, from·e^(−λt)), approach is to + (from − to)·e^(−λt), t in epochs', () => {
    const steps = [0, 5, 30, 100];
    const decay = steps.map((s) => 10 * Math.exp(-0.03 * s));
    expect(at({ schedule: 'exponential', from: 10, rate: 0.3 }, steps)).toEqual(close([10, decay[1]!, decay[2]!, 1]));
    expect(at({ schedule: 'exponential', from: 10, rate: 0.3, floor: 0 }, steps)).toEqual(close(decay));
    expect(at({ schedule: 'approach', from: 10, rate: 0.3 }, steps)).toEqual(close(decay.map((v) => 1 + 0.9 * v)));
  });

  test('a training of one step is at the end of a change', () => {
    expect(scheduled(parse({ schedule: 'linear', from: 4, to: 1 }), { step: 0, steps: 1, stepsPerEpoch: 1 })).toBe(1);
  });
});

const down: Readonly<Record<string, object>> = {
  linear: { from: 5, to: 1 },
  cosine: { from: 5, to: 1, begin: 0.3, end: 0.3 },
  step: { from: 5, to: 1 },
  exponential: { from: 5, rate: 1 },
  approach: { from: 5, rate: 1 },
};

test.each(schedules.map((s) => s.options.shape.schedule.value))(
  '%s falls all the way, and never below its lowest number',
  (name) => {
    const numbers = at({ schedule: name, ...down[name] }, [...Array(101).keys()]);
    expect(numbers[0]).toBe(5);
    expect(numbers.every((v, i) => i === 0 || v <= numbers[i - 1]!)).toBe(true);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(lowest(parse({ schedule: name, ...down[name] })));
    expect(numbers.at(-1)).toBeCloseTo(1, 3);
  },
);
