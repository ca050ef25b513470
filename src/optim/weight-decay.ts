import { add, mul } from '../ops/elementwise.ts';
import type { Rate } from './rate.ts';
import { each, type Transform } from './transform.ts';

const unchanged: Transform = (updates) => updates;

/** Adds λ·W to the gradient: the derivative of (λ/2)·‖W‖², before momentum and second moments see it. */
export const addDecay = (decay: number): Transform =>
  decay === 0 ? unchanged : each((u, { value }) => add(u, mul(value, decay)));

/** Adds rate·λ·W to the finished update, Loshchilov and Hutter 2019 (arXiv 1711.05101) §2. */
export const decoupledDecay =
  (decay: number, rate: Rate): Transform =>
  (updates, ctx) => {
    if (decay === 0) return updates;
    const factor = ctx.scalar('decay', (step) => rate(step) * decay);
    return each((u, { value }) => add(u, mul(value, factor)))(updates, ctx);
  };
