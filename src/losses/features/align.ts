import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { showShape } from '../../graph/type.ts';
import { flatten, reshape, swapLast } from '../../ops/shape.ts';
import { fitLength, fitMap } from './fit-map.ts';
import { tokensToMap } from './tokens.ts';

type Pair = readonly [student: Value, teacher: Value];
type Align = (where: string, student: Value, teacher: Value) => Pair;

const sizes = (x: Value): readonly [number, number] => [x.shape[2] as number, x.shape[3] as number];
const cells = (x: Value): Value => (x.rank === 3 ? x : flattened(x));
const flattened = (x: Value): Value => reshape(flatten(x, 2), [x.shape[0]!, x.shape[1]!, -1]);

/** Two maps at the smaller of both heights and widths. */
export function sameMaps(student: Value, teacher: Value): Pair {
  const [s, t] = [sizes(student), sizes(teacher)];
  const smaller = [Math.min(s[0], t[0]), Math.min(s[1], t[1])];
  return [fitMap(student, smaller), fitMap(teacher, smaller)];
}

const maps: Align = (_, s, t) => {
  const [a, b] = sameMaps(s, t);
  return [cells(a), cells(b)];
};
const tokens: Align = (_, s, t) => {
  const length = Math.min(s.shape[1] as number, t.shape[1] as number);
  return [fitLength(swapLast(s), length), fitLength(swapLast(t), length)];
};

/** By rank of the student's value and of the teacher's. */
const alignments: Readonly<Record<string, Align>> = {
  '4,4': maps,
  '3,3': tokens,
  '3,4': (where, s, t) => maps(where, tokensToMap(where, s, sizes(t)), t),
  '4,3': (where, s, t) => maps(where, s, tokensToMap(where, t, sizes(s))),
};

/**
 * Two values with the same places: maps [B, C, H, W] and tokens [B, L, D] become [B, C, P] and [B, C′, P]. The larger is brought to
 * the smaller one's places by averages; tokens against a map become a map, without their class token.
 *
 * @throws GraphError `shape-mismatch` if one of them has no places.
 */
export function alignPlaces(where: string, student: Value, teacher: Value): Pair {
  const align = alignments[`${student.rank},${teacher.rank}`];
  if (align) return align(where, student, teacher);
  throw new GraphError(
    'shape-mismatch',
    `${where}: ${showShape(student.shape)} of the student against ${showShape(teacher.shape)} of the teacher; ` +
      'expected maps [B,C,H,W] or tokens [B,L,D]; choose layers that have places',
  );
}
