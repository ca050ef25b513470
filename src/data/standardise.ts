import { type Column, type Dataset, exampleSize, type Target, targetSize } from './dataset.ts';

interface Moments {
  readonly mean: number;
  readonly std: number;
}

/** Mean and population standard deviation of each of `width` streams of numbers, missing ones (NaN) left out; a constant has std 1. */
function moments(width: number, size: number, read: (i: number, out: Float32Array) => void): Moments[] {
  const row = new Float32Array(width);
  const counts = new Float64Array(width);
  const means = new Float64Array(width);
  const squares = new Float64Array(width);
  for (let i = 0; i < size; i++) {
    read(i, row);
    for (let j = 0; j < width; j++) {
      const x = row[j]!;
      if (Number.isNaN(x)) continue;
      const delta = x - means[j]!;
      means[j]! += delta / ++counts[j]!;
      squares[j]! += delta * (x - means[j]!);
    }
  }
  return Array.from(means, (mean, j) => {
    const std = Math.sqrt(squares[j]! / Math.max(1, counts[j]!));
    return { mean, std: std > 1e-12 * Math.max(1, Math.abs(mean)) ? std : 1 };
  });
}

/** A scale of raw numbers that ends in the scale `inner` of already scaled ones. */
const over = ({ name, mean, std }: Target, inner: Moments): Target => ({
  name,
  mean: mean + std * inner.mean,
  std: std * inner.std,
});

/**
 * Learns mean and standard deviation of the numbered columns of a table and of its targets from the train split, and says how
 * every split is then seen: (raw − mean) / std, a missing number as the mean. Without `rescale` features keep their size.
 */
export function standardise(train: Dataset, columns: readonly number[], rescale = true): (part: Dataset) => Dataset {
  const learnt = columns.length > 0 ? moments(exampleSize(train), train.size, (i, out) => train.read(i, out, 0)) : [];
  const scales = learnt.map((m) => (rescale ? m : { mean: 0, std: 1 }));
  const fills = learnt.map((m, j) => (m.mean - scales[j]!.mean) / scales[j]!.std);
  const chosen = new Set(columns);
  const scaled = (c: Column, j: number): Column =>
    chosen.has(j) ? { ...over(c, scales[j]!), fill: c.mean + c.std * learnt[j]!.mean } : c;
  const { example } = train;
  const seen = 'columns' in example ? { ...example, columns: example.columns.map(scaled) } : example;
  const outputs = train.targets.length > 0 ? moments(targetSize(train), train.size, (i, out) => train.target(i, out, 0)) : [];
  const targets = train.targets.map((t, k): Target => over(t, outputs[k]!));
  return (part) => ({
    ...part,
    example: seen,
    targets,
    read(i, out, offset) {
      part.read(i, out, offset);
      for (const j of columns) {
        const x = out[offset + j]!;
        const { mean, std } = scales[j]!;
        out[offset + j] = Number.isNaN(x) ? fills[j]! : (x - mean) / std;
      }
    },
    target(i, out, offset) {
      part.target(i, out, offset);
      outputs.forEach(({ mean, std }, k) => {
        out[offset + k] = (out[offset + k]! - mean) / std;
      });
    },
  });
}
