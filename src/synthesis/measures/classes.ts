import type { Rows } from './rows.ts';

/** What a teacher makes of each example. */
export interface Said {
  /** The class of the largest logit, the first of equals. */
  readonly top: Int32Array;
  /** Its probability, 1/classes to 1. */
  readonly confidence: Float64Array;
  readonly classes: number;
}

/** Classes and confidences out of logits [N, classes], in double precision. */
export function saidOf({ data, rows, width }: Rows): Said {
  const top = new Int32Array(rows);
  const confidence = new Float64Array(rows);
  for (let r = 0; r < rows; r++) {
    const logits = data.subarray(r * width, (r + 1) * width);
    let best = 0;
    for (let k = 1; k < width; k++) if (logits[k]! > logits[best]!) best = k;
    let total = 0;
    for (let k = 0; k < width; k++) total += Math.exp(logits[k]! - logits[best]!);
    top[r] = best;
    confidence[r] = 1 / total;
  }
  return { top, confidence, classes: width };
}

/** Examples of each class. */
export function countsOf({ top, classes }: Said): Int32Array {
  const counts = new Int32Array(classes);
  for (const k of top) counts[k]!++;
  return counts;
}
