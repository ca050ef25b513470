import type { Value } from '../graph/graph.ts';
import { add, div, max, mul } from '../ops/elementwise.ts';
import type { OptimContext, Transform } from './transform.ts';

/**
 * Lets a transform act in every k-th step only, on the mean of the updates since it acted last; in between, parameters and the
 * transform's slots stay as they are. Its steps are counted in acts. Updates of an unfinished last group are never applied.
 *
 * @param count Rank 0: how many examples the updates of this step are a mean over; steps then weigh by it, so that k small batches
 * equal one large one even where they are uneven. (Exact for a loss of one term: several terms may count different examples.)
 */
export const accumulate = (k: number, inner: Transform, count?: Value): Transform => {
  if (k === 1) return inner;
  return (updates, ctx) => {
    // One of the two is 1 and the other 0. Products with them choose exactly, and faster than Where.
    const acts = ctx.scalar('accumulate.acts', (step) => ((step + 1) % k === 0 ? 1 : 0));
    const rests = ctx.scalar('accumulate.rests', (step) => ((step + 1) % k === 0 ? 0 : 1));
    /** Adds up in a slot that is emptied after each act. */
    const gathered = (name: string, x: Value): Value => {
      const slot = ctx.slot(name, x.shape);
      const sum = add(slot.before, x);
      slot.after(mul(sum, rests));
      return sum;
    };
    const examples = count && max(gathered('accumulate.count', count), 1);
    const means = new Map(
      [...updates].map(([name, u]) => {
        const sum = gathered(`accumulate.${name}`, count ? mul(u, count) : u);
        return [name, examples ? div(sum, examples) : mul(sum, 1 / k)];
      }),
    );
    const gated: OptimContext = {
      parameters: ctx.parameters,
      slot: (name, shape, fill) => {
        const { before, after } = ctx.slot(name, shape, fill);
        return { before, after: (next) => after(add(mul(next, acts), mul(before, rests))) };
      },
      scalar: (name, at) => ctx.scalar(name, (step) => at(Math.floor(step / k))),
    };
    const acted = inner(means, gated);
    return new Map([...acted].map(([name, u]) => [name, mul(u, acts)]));
  };
};
