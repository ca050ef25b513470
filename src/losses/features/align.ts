import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { type Shape, showShape } from '../../graph/type.ts';
import { swapLast } from '../../ops/shape.ts';
import { fitLength, fitMap } from './fit-map.ts';
import { flattened, gridFor, tokensToMap } from './tokens.ts';

type Align = (where: string, x: Value, other: Shape) => Value;

const sizes = (shape: Shape): readonly [number, number] => [shape[2] as number, shape[3] as number];

/** The cells of a map at the smaller of both heights and widths. */
const cells = (x: Value, [height, width]: readonly [number, number]): Value =>
  flattened(fitMap(x, [Math.min(x.shape[2] as number, height), Math.min(x.shape[3] as number, width)]));

/** By rank of the value and of what it is compared with. */
const alignments: Readonly<Record<string, Align>> = {
  '4,4': (_, x, other) => cells(x, sizes(other)),
  '3,3': (_, x, other) => fitLength(swapLast(x), Math.min(x.shape[1] as number, other[1] as number)),
  '3,4': (where, x, other) => cells(tokensToMap(where, x, sizes(other)), sizes(other)),
  '4,3': (where, x, other) => cells(x, gridFor(where, other[1] as number, sizes(x.shape)).sizes),
};

/**
 * A value at the places that it has in common with another one: maps [B, C, H, W] and tokens [B, L, D] become [B, C, P]. The larger
 * of both is brought to the smaller one's places by averages; tokens against a map become a map, without their class token.
 *
 * @param other Shape of the other value.
 * @throws GraphError `shape-mismatch` if one of them has no places.
 */
export function commonPlaces(where: string, x: Value, other: Shape): Value {
  const align = alignments[`${x.rank},${other.length}`];
  if (align) return align(where, x, other);
  throw new GraphError(
    'shape-mismatch',
    `${where}: ${showShape(x.shape)} against ${showShape(other)}; expected maps [B,C,H,W] or tokens [B,L,D]; choose layers that have places`,
  );
}

/** Both values at their common places: [B, C, P] and [B, C′, P]. @throws GraphError `shape-mismatch` if one of them has none. */
export const alignPlaces = (where: string, student: Value, teacher: Value): readonly [student: Value, teacher: Value] => [
  commonPlaces(where, student, teacher.shape),
  commonPlaces(where, teacher, student.shape),
];
