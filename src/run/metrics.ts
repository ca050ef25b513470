import { random } from '../data/random.ts';
import type { ReliabilityBin } from './record.ts';

/** Rows of numbers that a model gave: [rows, width], row by row. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly width: number;
}

/** Softmax of each row in double precision, with the largest logit taken out first. */
export function softmaxRows({ data, rows, width }: Matrix): Float64Array {
  const p = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const at = r * width;
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < width; k++) top = Math.max(top, data[at + k]!);
    let total = 0;
    for (let k = 0; k < width; k++) total += p[at + k] = Math.exp(data[at + k]! - top);
    for (let k = 0; k < width; k++) p[at + k]! /= total;
  }
  return p;
}

/** Index of the largest entry of each row; the first of equals. */
export function argmaxRows({ data, rows, width }: { data: ArrayLike<number>; rows: number; width: number }): Int32Array {
  const best = new Int32Array(rows);
  for (let r = 0; r < rows; r++) {
    let at = 0;
    for (let k = 1; k < width; k++) if (data[r * width + k]! > data[r * width + at]!) at = k;
    best[r] = at;
  }
  return best;
}

/** How probability ends before it is taken for 0 in a logarithm. */
const smallest = 1e-30;

/** Mean over the labelled rows (label ≥ 0); NaN when there is none. */
function meanOver(labels: Int32Array, value: (row: number, label: number) => number): number {
  let total = 0;
  let count = 0;
  labels.forEach((label, row) => {
    if (label < 0) return;
    total += value(row, label);
    count++;
  });
  return total / count;
}

/**
 * Accuracy (0–1), negative log likelihood (nats), Brier score (sum over classes, 0–2; Brier 1950) and expected calibration error
 * (Guo et al. 2017, arXiv 1706.04599 §2; equal-width bins) of logits against labels; rows with label −1 do not count. Nothing of no rows.
 */
export function classificationMetrics(logits: Matrix, labels: Int32Array): Readonly<Record<string, number>> {
  const { rows, width } = logits;
  if (rows === 0) return {};
  const p = softmaxRows(logits);
  const predicted = argmaxRows(logits);
  return {
    accuracy: meanOver(labels, (r, y) => (predicted[r] === y ? 1 : 0)),
    nll: meanOver(labels, (r, y) => -Math.log(Math.max(p[r * width + y]!, smallest))),
    brier: meanOver(labels, (r, y) => {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += (p[r * width + k]! - (k === y ? 1 : 0)) ** 2;
      return sum;
    }),
    ece: calibrationError(reliability(p, rows, width, labels)),
  };
}

/** Accuracy against confidence in equal-width bins (a, b] of the top probability. */
export function reliability(
  p: Float64Array,
  rows: number,
  width: number,
  labels: Int32Array,
  bins = 15,
): readonly ReliabilityBin[] {
  const count = new Float64Array(bins);
  const confidence = new Float64Array(bins);
  const right = new Float64Array(bins);
  const predicted = argmaxRows({ data: p, rows, width });
  for (let r = 0; r < rows; r++) {
    if (labels[r]! < 0) continue;
    const top = p[r * width + predicted[r]!]!;
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(top * bins) - 1));
    count[bin]! += 1;
    confidence[bin]! += top;
    right[bin]! += predicted[r] === labels[r] ? 1 : 0;
  }
  return Array.from({ length: bins }, (_, b) => ({
    from: b / bins,
    to: (b + 1) / bins,
    count: count[b]!,
    confidence: count[b]! && confidence[b]! / count[b]!,
    accuracy: count[b]! && right[b]! / count[b]!,
  }));
}

/** Mean gap between confidence and accuracy, weighted by the size of the bins. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((n, b) => n + b.count, 0);
  return bins.reduce((sum, b) => sum + (b.count / total) * Math.abs(b.confidence - b.accuracy), 0);
}

/** Share of rows with the same prediction, and KL(teacher ‖ student) in nats: fidelity (Stanton et al. 2021, arXiv 2106.05945). Nothing of no rows. */
export function fidelityMetrics(student: Matrix, teacher: Matrix): Readonly<Record<string, number>> {
  if (student.rows === 0) return {};
  const [s, t] = [argmaxRows(student), argmaxRows(teacher)];
  const [ps, pt] = [softmaxRows(student), softmaxRows(teacher)];
  let same = 0;
  let kl = 0;
  for (let r = 0; r < student.rows; r++) if (s[r] === t[r]) same++;
  for (let i = 0; i < ps.length; i++) {
    if (pt[i]! > 0) kl += pt[i]! * Math.log(pt[i]! / Math.max(ps[i]!, smallest));
  }
  return { agreement: same / student.rows, klToTeacher: kl / student.rows };
}

/** Root mean square error, mean absolute error, and the coefficient of determination, over all targets. Nothing of no rows. */
export function regressionMetrics(predictions: Matrix, targets: Float32Array): Readonly<Record<string, number>> {
  const { data, rows, width } = predictions;
  if (rows === 0) return {};
  const means = Float64Array.from({ length: width }, (_, k) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += targets[r * width + k]!;
    return sum / rows;
  });
  let squared = 0;
  let absolute = 0;
  let variation = 0;
  for (let i = 0; i < data.length; i++) {
    const error = data[i]! - targets[i]!;
    squared += error * error;
    absolute += Math.abs(error);
    variation += (targets[i]! - means[i % width]!) ** 2;
  }
  return { rmse: Math.sqrt(squared / data.length), mae: absolute / data.length, r2: 1 - squared / variation };
}

/** Rows: true class, columns: predicted class. */
export function confusion(logits: Matrix, labels: Int32Array): number[][] {
  const table = Array.from({ length: logits.width }, () => new Array<number>(logits.width).fill(0));
  argmaxRows(logits).forEach((predicted, r) => {
    const row = table[labels[r]!];
    if (row) row[predicted]! += 1;
  });
  return table;
}

/** Cosine of each row of one matrix to the same row of another of its width; 0 for a row of zeros. */
export function cosinesOf(a: Matrix, b: Matrix): Float64Array {
  return Float64Array.from({ length: a.rows }, (_, r) => cosine(a.data, r * a.width, b.data, r * b.width, a.width));
}

function cosine(a: Float32Array, i: number, b: Float32Array, j: number, width: number): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let k = 0; k < width; k++) {
    dot += a[i + k]! * b[j + k]!;
    aa += a[i + k]! ** 2;
    bb += b[j + k]! ** 2;
  }
  return aa * bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}

/** Enough for a standard error below 0.01. */
const mostPairs = 20_000;

/**
 * Spearman's rank correlation of the cosines between rows of one matrix with those between the same rows of another, whatever their
 * widths: representational similarity analysis (Kriegeskorte et al. 2008, doi 10.3389/neuro.06.004.2008). Over all pairs, or over
 * as many as tell enough, the same for all matrices of so many rows. NaN for fewer than three rows.
 */
export function similarityCorrelation(a: Matrix, b: Matrix): number {
  const pairs = pairsOf(a.rows);
  const cosines = ({ data, width }: Matrix): Float64Array =>
    Float64Array.from(pairs, ([i, j]) => cosine(data, i * width, data, j * width, width));
  return spearman(cosines(a), cosines(b));
}

function pairsOf(rows: number): readonly (readonly [number, number])[] {
  if ((rows * (rows - 1)) / 2 <= mostPairs) {
    return Array.from({ length: rows }, (_, i) => Array.from({ length: i }, (_, j) => [i, j] as const)).flat();
  }
  const draws = random(0, 'metrics/pairs');
  return Array.from({ length: mostPairs }, () => {
    const i = draws.integer(rows);
    return [i, (i + 1 + draws.integer(rows - 1)) % rows] as const;
  });
}

/** Correlation of ranks; equals share the mean of theirs. NaN where either side is constant or has fewer than two. */
export function spearman(a: Float64Array, b: Float64Array): number {
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (a.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    xy += (x[i]! - middle) * (y[i]! - middle);
    xx += (x[i]! - middle) ** 2;
    yy += (y[i]! - middle) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

function ranks(of: Float64Array): Float64Array {
  const order = Array.from(of, (_, i) => i).sort((i, j) => of[i]! - of[j]!);
  const out = new Float64Array(of.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && of[order[to + 1]!] === of[order[from]!]) to++;
    for (let k = from; k <= to; k++) out[order[k]!] = (from + to) / 2;
    from = to + 1;
  }
  return out;
}
