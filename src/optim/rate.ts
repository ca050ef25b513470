import { mul } from '../ops/elementwise.ts';
import type { Transform } from './transform.ts';

/** A learning rate by update step (from 0). */
export type Rate = (step: number) => number;

/** Multiplies every update by the learning rate. */
export const scaleByRate =
  (rate: Rate): Transform =>
  (updates, ctx) => {
    const factor = ctx.scalar('rate', rate);
    return new Map([...updates].map(([name, u]) => [name, mul(u, factor)]));
  };
