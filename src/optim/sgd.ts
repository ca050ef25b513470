import type { Value } from '../graph/graph.ts';
import { add, mul } from '../ops/elementwise.ts';
import { type Rate, scaleByRate } from './rate.ts';
import { chain, type OptimContext, type Transform } from './transform.ts';
import { addDecay } from './weight-decay.ts';

export interface Momentum {
  /** μ, 0 to 1. */
  readonly momentum: number;
  readonly nesterov?: boolean;
  /** τ, 0 to 1: new gradients enter with 1 − τ, except the first. */
  readonly dampening?: number;
}

/** m ← μ·m + (1 − τ)·g; gives m, or g + μ·m for Nesterov's form. The first m is g, as in PyTorch. */
export const trace =
  ({ momentum, nesterov = false, dampening = 0 }: Momentum): Transform =>
  (updates, ctx) => {
    const entering = dampening === 0 ? undefined : ctx.scalar('entering', (step) => (step === 0 ? 1 : 1 - dampening));
    return new Map([...updates].map(([name, g]) => [name, step(name, g, ctx, momentum, nesterov, entering)]));
  };

function step(name: string, g: Value, ctx: OptimContext, momentum: number, nesterov: boolean, entering?: Value): Value {
  const slot = ctx.slot(`trace.${name}`, g.shape);
  const next = add(mul(slot.before, momentum), entering ? mul(g, entering) : g);
  slot.after(next);
  return nesterov ? add(g, mul(next, momentum)) : next;
}

/** Stochastic gradient descent as in PyTorch: decay is added to the gradient, the rate multiplies the finished direction. */
export const sgd = (options: Momentum & { readonly rate: Rate; readonly weightDecay?: number }): Transform =>
  chain(addDecay(options.weightDecay ?? 0), ...(options.momentum === 0 ? [] : [trace(options)]), scaleByRate(options.rate));
