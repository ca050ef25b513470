import { expect, it } from 'vitest';
import { takeTurns } from '../../bench/ours/turns.mjs';

/** A loop as training has it: the next call is prepared while the engine works on this one. */
async function train(turns: ReturnType<typeof takeTurns>, calls: number, stepsPerCall: number, tick: () => void): Promise<void> {
  let next = turns.admit(stepsPerCall);
  for (let i = 0; i < calls; i++) {
    await next;
    next = turns.admit(stepsPerCall);
    await null;
    tick();
    turns.finish(stepsPerCall);
  }
}

it('stops the training between turns and counts whole calls', async () => {
  let now = 0;
  const turns = takeTurns(() => now);
  const training = train(turns, 5, 4, () => {
    now += 10;
  });
  expect(await turns.turn(1)).toEqual({ steps: 4, milliseconds: 10 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(now).toBe(10);
  now = 1000;
  expect(await turns.turn(9)).toEqual({ steps: 12, milliseconds: 30 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(now).toBe(1030);
  expect(await turns.turn(4)).toEqual({ steps: 4, milliseconds: 10 });
  await training;
});
