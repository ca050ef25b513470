import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { concat, slice } from '../../ops/movement.ts';
import { reduceMean } from '../../ops/reduce.ts';
import { reshape, swapLast } from '../../ops/shape.ts';
import { fitMap } from './fit-map.ts';

/** The places of a map in a row: [B, C, H, W] to [B, C, H·W], also where B is open. */
export const flattened = (x: Value): Value => reshape(x, [x.shape[0]!, x.shape[1]!, -1]);

/** Height and width of the picture that `length` tokens make, and how many tokens come before it (a class token). */
export interface Grid {
  readonly sizes: readonly [number, number];
  readonly extra: 0 | 1;
}

/**
 * The grid of a number of tokens: that of a map with as many cells (or one less: the first token then stands for the class),
 * otherwise a square. Undefined where there is none.
 */
export function gridOf(length: number, [height, width]: readonly [number, number]): Grid | undefined {
  for (const extra of [0, 1] as const) {
    if (length - extra === height * width) return { sizes: [height, width], extra };
  }
  for (const extra of [0, 1] as const) {
    const side = Math.sqrt(length - extra);
    if (Number.isInteger(side) && side > 0) return { sizes: [side, side], extra };
  }
  return undefined;
}

/** `gridOf`. @throws GraphError `shape-mismatch` where there is none. */
export function gridFor(where: string, length: number, like: readonly [number, number]): Grid {
  const grid = gridOf(length, like);
  if (grid) return grid;
  throw new GraphError(
    'shape-mismatch',
    `${where}: ${length} tokens make no picture; expected n² or n² + 1 of them, or as many as a map of ${like.join('×')} has cells; ` +
      'compare them with tokens',
  );
}

/**
 * Tokens as a map, row by row, without the class token.
 *
 * @param x [B, L, D].
 * @param like Height and width of the map they are compared with.
 * @returns [B, D, H, W].
 */
export function tokensToMap(where: string, x: Value, like: readonly [number, number]): Value {
  const [batch, length, width] = x.shape as readonly [number, number, number];
  const { sizes, extra } = gridFor(where, length, like);
  return reshape(swapLast(extra ? slice(x, [1], [length], [1]) : x), [batch, width, ...sizes]);
}

/**
 * A map as a number of tokens, row by row; the mean over the map stands for a class token.
 *
 * @param x [B, C, H, W].
 * @returns [B, length, C].
 */
export function mapToTokens(where: string, x: Value, length: number): Value {
  const grid = gridFor(where, length, [x.shape[2] as number, x.shape[3] as number]);
  const fitted = fitMap(x, grid.sizes);
  const tokens = swapLast(flattened(fitted));
  return grid.extra ? concat([reduceMean(tokens, [1]), tokens], 1) : tokens;
}
