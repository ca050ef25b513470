import { add, mul, sign } from '../ops/elementwise.ts';
import { type Rate, scaleByRate } from './rate.ts';
import { chain, type Transform } from './transform.ts';
import { decoupledDecay } from './weight-decay.ts';

export interface Interpolation {
  readonly beta1: number;
  readonly beta2: number;
}

/**
 * sign(β₁·m + (1 − β₁)·g), then m ← β₂·m + (1 − β₂)·g: Chen et al. 2023 (arXiv 2302.06675) Algorithm 2.
 * The slot holds m/(1 − β₂); the sign does not care.
 */
export const signOfMomentum =
  ({ beta1, beta2 }: Interpolation): Transform =>
  (updates, ctx) =>
    new Map(
      [...updates].map(([name, g]) => {
        const slot = ctx.slot(`lion.${name}`, g.shape);
        slot.after(add(mul(slot.before, beta2), g));
        return [name, sign(add(mul(slot.before, (beta1 * (1 - beta2)) / (1 - beta1)), g))];
      }),
    );

/** Lion with decoupled decay. */
export const lion = (options: Interpolation & { readonly rate: Rate; readonly weightDecay?: number }): Transform =>
  chain(signOfMomentum(options), scaleByRate(options.rate), decoupledDecay(options.weightDecay ?? 0, options.rate));
