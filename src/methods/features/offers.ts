import type { Shape } from '../../graph/type.ts';
import type { Offer } from '../define.ts';

const some = (taps: ReadonlyMap<string, Shape>, ranks: readonly number[]): ReadonlyMap<string, Shape> =>
  new Map([...taps].filter(([, shape]) => ranks.includes(shape.length)));

/** What is offered that has places: tokens [L, D] and maps [C, H, W], for methods that a vector means nothing to. */
export const withPlaces = ({ student, teacher }: Offer): Offer => ({
  student: some(student, [2, 3]),
  teacher: some(teacher, [2, 3]),
});
