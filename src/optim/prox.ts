import { add, mul, sub } from '../ops/elementwise.ts';
import { each, type Transform } from './transform.ts';

/**
 * Adds μ·(W − W₀) to the gradient, the derivative of μ/2·‖W − W₀‖², where W₀ are the weights before the first update: the proximal
 * term of FedProx (Li et al. 2020, arXiv 1812.06127, §3).
 */
export const pullToStart =
  (weight: number): Transform =>
  (updates, ctx) => {
    const first = ctx.scalar('prox.first', (step) => (step === 0 ? 1 : 0));
    return each((u, { name, value }) => {
      const slot = ctx.slot(`prox.${name}`, value.shape);
      // The weights in the first update, the slot itself from then on; exact, since one of the factors is 0.
      const start = add(slot.before, mul(sub(value, slot.before), first));
      slot.after(start);
      return add(u, mul(sub(value, start), weight));
    })(updates, ctx);
  };
