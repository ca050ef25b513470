import { type Rows, someOf } from './rows.ts';

/** Time goes with the square of this. */
const most = 1000;

/** A pair is called near below this share of the distance that two examples usually have. */
const near = 0.05;

/**
 * Share of examples whose nearest other one is closer than a twentieth of the root-mean-square (Euclidean) distance of two examples of
 * the set, or the same, 0 to 1; independent of the scale. Of more than 1000 examples, 1000 are drawn; null for
 * fewer than two.
 */
export function nearDuplicates(all: Rows): number | null {
  const { data, rows, width } = someOf(all, most);
  if (rows < 2) return null;
  const nearest = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < i; k++) {
      let square = 0;
      for (let j = 0; j < width; j++) {
        const apart = data[i * width + j]! - data[k * width + j]!;
        square += apart * apart;
      }
      total += square;
      if (square < nearest[i]!) nearest[i] = square;
      if (square < nearest[k]!) nearest[k] = square;
    }
  }
  const usual = total / ((rows * (rows - 1)) / 2);
  return nearest.filter((square) => square <= near ** 2 * usual).length / rows;
}
