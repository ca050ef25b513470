import { random } from '../../data/random.ts';

/** Rows of numbers, row by row: [rows, width]. */
export interface Rows {
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
}

/**
 * At most `most` rows, drawn, always the same ones: what costs more than it tells is measured on a part. Evenly spaced ones would not
 * do, since sets often have their classes in turn.
 */
export function someOf(all: Rows, most: number): Rows {
  if (all.rows <= most) return all;
  const { width } = all;
  const drawn = random(0, 'measures').permutation(all.rows).subarray(0, most);
  const data = new Float32Array(most * width);
  for (const [r, from] of drawn.entries()) data.set(all.data.subarray(from * width, (from + 1) * width), r * width);
  return { data, rows: most, width };
}

/**
 * Rows brought to length 1 in double precision. A row of zeros has no direction: all of those share one of their own, in a last column
 * that is zero elsewhere.
 */
export function unitRows({ data, rows, width }: Rows): readonly Float64Array[] {
  return Array.from({ length: rows }, (_, r) => {
    const unit = new Float64Array(width + 1);
    let square = 0;
    for (let j = 0; j < width; j++) square += data[r * width + j]! ** 2;
    if (square === 0) unit[width] = 1;
    else for (let j = 0; j < width; j++) unit[j] = data[r * width + j]! / Math.sqrt(square);
    return unit;
  });
}
