import type { DifficultyBand } from './knowledge.ts';
import { eachSoftTarget, entropyShare, type Logits, topOf } from './soft-targets.ts';

/** What the teacher makes of each example, at temperature 1: one number a row in each array. */
export interface Difficulty {
  /** −1 for none. */
  readonly labels: Int32Array;
  readonly predicted: Int32Array;
  /** −ln p(label), in nats; NaN without a label. */
  readonly crossEntropy: Float64Array;
  /** Share of ln K. */
  readonly entropy: Float64Array;
  /** Probability of the label, or of the prediction where there is no label. */
  readonly confidence: Float64Array;
  /** Probability of the prediction. */
  readonly top: Float64Array;
}

/** Measures every example. A label outside the classes counts as none. */
export function difficultyOf(logits: Logits, labels: ArrayLike<number>): Difficulty {
  const { data, rows, width } = logits;
  const known = (label: number): number => (label >= 0 && label < width ? label : -1);
  const out: Difficulty = {
    labels: Int32Array.from({ length: rows }, (_, r) => known(labels[r]!)),
    predicted: new Int32Array(rows),
    crossEntropy: new Float64Array(rows),
    entropy: new Float64Array(rows),
    confidence: new Float64Array(rows),
    top: new Float64Array(rows),
  };
  eachSoftTarget(logits, 1, (p, r) => {
    const [label, best] = [out.labels[r]!, topOf(p)];
    out.predicted[r] = best;
    out.top[r] = p[best]!;
    out.entropy[r] = entropyShare(p);
    out.confidence[r] = p[label < 0 ? best : label]!;
    // From the logits and not from p, which is 0 where a logit lies far below the top: ln p(label) = ln p(top) − (z_top − z_label).
    const at = r * width;
    out.crossEntropy[r] = label < 0 ? Number.NaN : data[at + best]! - data[at + label]! - Math.log(p[best]!);
  });
  return out;
}

/**
 * Examples whose label the teacher confidently contradicts, the widest margin p(prediction) − p(label) first. Confident is a
 * probability of at least the class's usual one, the mean of p(class) over the examples labelled so: the thresholds of confident
 * learning (Northcutt et al. 2021, arXiv 1911.00068, §3.1). Assumes a teacher that was not trained on these labels.
 */
export function suspectsOf({ labels, predicted, confidence, top }: Difficulty, classes: number): Uint32Array {
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  labels.forEach((label, r) => {
    if (label < 0) return;
    sums[label]! += confidence[r]!;
    counts[label]! += 1;
  });
  const margin = (r: number): number => top[r]! - confidence[r]!;
  return rowsWhere(labels.length, (r) => {
    const own = predicted[r]!;
    return labels[r]! >= 0 && labels[r] !== own && counts[own]! > 0 && top[r]! >= sums[own]! / counts[own]!;
  }).sort((a, b) => margin(b) - margin(a) || a - b);
}

/** Examples by falling cross-entropy to the label, without those in `except`. */
export function hardestOf({ labels, crossEntropy }: Difficulty, except: ArrayLike<number>): Uint32Array {
  const left = new Set(Array.from(except));
  return rowsWhere(labels.length, (r) => labels[r]! >= 0 && !left.has(r)).sort(
    (a, b) => crossEntropy[b]! - crossEntropy[a]! || a - b,
  );
}

/** Examples by falling entropy. */
export const ambiguousOf = ({ labels, entropy }: Difficulty): Uint32Array =>
  rowsWhere(labels.length, () => true).sort((a, b) => entropy[b]! - entropy[a]! || a - b);

/** Easy examples first: by falling confidence, equal ones in the order of the set. */
export const curriculumOf = ({ confidence }: Difficulty): Uint32Array =>
  rowsWhere(confidence.length, () => true).sort((a, b) => confidence[b]! - confidence[a]! || a - b);

const bands = [
  ['very easy', 0.99, 1],
  ['easy', 0.9, 0.99],
  ['medium', 0.5, 0.9],
  ['hard', 0.1, 0.5],
  ['very hard', 0, 0.1],
] as const;

/** How many examples are how easy, by confidence. */
export function bandsOf({ confidence }: Difficulty): readonly DifficultyBand[] {
  return bands.map(([name, from, to], i) => ({
    name,
    from,
    to,
    count: confidence.reduce((n, c) => n + Number((c > from || i === bands.length - 1) && (c <= to || i === 0)), 0),
  }));
}

const rowsWhere = (rows: number, keep: (row: number) => boolean): Uint32Array =>
  Uint32Array.from({ length: rows }, (_, r) => r).filter(keep);
