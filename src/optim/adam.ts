import { add, div, mul, sqrt } from '../ops/elementwise.ts';
import type { Rate } from './rate.ts';
import { chain, type Transform } from './transform.ts';
import { addDecay, decoupledDecay } from './weight-decay.ts';

export interface Moments {
  readonly rate: Rate;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * rate · m̂ / (√v̂ + ε) with the bias corrections of Kingma and Ba 2015 (arXiv 1412.6980) Algorithm 1.
 *
 * The slots hold m/(1 − β₁) and v/(1 − β₂): the constants that this saves in each step go into two numbers computed outside of the
 * graph, which leaves ten elementwise passes, the subtraction from the parameter included.
 */
export const scaleByMoments =
  ({ rate, beta1, beta2, epsilon }: Moments): Transform =>
  (updates, ctx) => {
    // √v̂ = √(v slot) · spread(step)
    const spread = (step: number): number => Math.sqrt((1 - beta2) / (1 - beta2 ** (step + 1)));
    const size = ctx.scalar('adam.size', (step) => (rate(step) * (1 - beta1)) / (1 - beta1 ** (step + 1)) / spread(step));
    const floor = ctx.scalar('adam.epsilon', (step) => epsilon / spread(step));
    return new Map(
      [...updates].map(([name, g]) => {
        const first = ctx.slot(`adam.m.${name}`, g.shape);
        const second = ctx.slot(`adam.v.${name}`, g.shape);
        const m = add(mul(first.before, beta1), g);
        const v = add(mul(second.before, beta2), mul(g, g));
        first.after(m);
        second.after(v);
        return [name, mul(div(m, add(sqrt(v), floor)), size)];
      }),
    );
  };

/** Adam; decay is added to the gradient (L2). */
export const adam = (options: Moments & { readonly weightDecay?: number }): Transform =>
  chain(addDecay(options.weightDecay ?? 0), scaleByMoments(options));

/** Adam with decoupled decay, Loshchilov and Hutter 2019 (arXiv 1711.05101) Algorithm 2. */
export const adamw = (options: Moments & { readonly weightDecay?: number }): Transform =>
  chain(scaleByMoments(options), decoupledDecay(options.weightDecay ?? 0, options.rate));
