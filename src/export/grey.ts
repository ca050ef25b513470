import type { Value } from '../graph/graph.ts';
import type { Shape } from '../graph/type.ts';
import { reduceMean } from '../ops/reduce.ts';

/**
 * The input of an exported student: as the data is, and with an open number of channels for grey pictures. Browsers only know
 * pictures of three channels, so that a file which insists on one cannot be fed there.
 */
export const exportedShape = (example: readonly number[]): Shape =>
  example.length === 3 && example[0] === 1 ? ['batch', 'channels', ...example.slice(1)] : ['batch', ...example];

/** One channel [N,1,H,W] from a grey picture of any number of equal channels. */
export const greyOf = (x: Value): Value => reduceMean(x, [1], true);
