import type { Value } from '../../graph/graph.ts';
import { linear as product } from '../../ops/linalg.ts';
import { zeros } from '../init.ts';
import type { Trains } from '../layers.ts';
import { bertNormal } from './tables.ts';

/** x·W + b over the last axis as BERT starts it: `weight` [D, units] from N(0, 0.02²), `bias` zero. */
export const dense = (ctx: Trains, name: string, x: Value, units: number): Value =>
  ctx.scope(name, () =>
    product(x, ctx.param('weight', [x.shape.at(-1) as number, units], bertNormal), ctx.param('bias', [units], zeros)),
  );
