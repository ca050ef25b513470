import { add, div, min, mul, sqrt } from '../ops/elementwise.ts';
import { sum } from '../ops/reduce.ts';
import { clip } from '../ops/select.ts';
import { each, type Transform } from './transform.ts';

/** Scales all updates together so that their common L2 norm is at most `limit`, as PyTorch's clip_grad_norm_. */
export const clipByNorm =
  (limit: number): Transform =>
  (updates) => {
    if (updates.size === 0) return updates;
    const squares = [...updates.values()].map((u) => sum(mul(u, u)));
    const norm = sqrt(squares.reduce((a, b) => add(a, b)));
    const factor = min(div(limit, add(norm, 1e-6)), 1);
    return new Map([...updates].map(([name, u]) => [name, mul(u, factor)]));
  };

/** Brings every element of the updates into ±limit. */
export const clipByValue = (limit: number): Transform => each((u) => clip(u, -limit, limit));
