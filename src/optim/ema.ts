import { add, mul, sub } from '../ops/elementwise.ts';
import type { Transform } from './transform.ts';

export interface Averaging {
  /** Share of the old average that stays, 0 to 1. */
  readonly decay: number;
  /** Starts with min(decay, (1 + t)/(10 + t)), so that the first weights are soon forgotten. */
  readonly warmup?: boolean;
}

/** The slot that holds the average of a parameter: evaluate and export it in place of the parameter. */
export const averagedName = (parameter: string): string => `ema.${parameter}`;

/**
 * Keeps an exponential moving average of the weights after each update; the updates pass unchanged. Put it last.
 * The average starts as the weights after the first update, as in PyTorch's AveragedModel.
 */
export const averageWeights =
  ({ decay, warmup = false }: Averaging): Transform =>
  (updates, ctx) => {
    const moving = ctx.scalar('ema.moving', (step) => {
      if (step === 0) return 1;
      return 1 - (warmup ? Math.min(decay, (1 + step) / (10 + step)) : decay);
    });
    for (const { name, value } of ctx.parameters) {
      const update = updates.get(name);
      if (!update) continue;
      const slot = ctx.slot(averagedName(name), value.shape);
      slot.after(add(slot.before, mul(sub(sub(value, update), slot.before), moving)));
    }
    return updates;
  };
