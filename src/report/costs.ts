import type { Cost } from '../run/record.ts';
import { bytes, fixed, milliseconds, short, times } from './format.ts';

/** One of the things that running a model costs. */
export interface CostQuantity {
  readonly label: string;
  readonly hint: string;
  readonly value: (cost: Cost) => number;
  readonly text: (value: number) => string;
  /** What a value above and one below the teacher's is called. */
  readonly above: string;
  readonly below: string;
}

export const parameters: CostQuantity = {
  label: 'Parameters',
  hint: '',
  value: (cost) => cost.parameters,
  text: (value) => fixed(value, 0),
  above: 'more',
  below: 'fewer',
};

export const macs: CostQuantity = {
  label: 'MACs',
  hint: 'multiply–accumulates, one example',
  value: (cost) => cost.macs,
  text: short,
  above: 'more',
  below: 'fewer',
};

export const size: CostQuantity = {
  label: 'File size',
  hint: 'ONNX, external data included',
  value: (cost) => cost.bytes,
  text: bytes,
  above: 'larger',
  below: 'smaller',
};

export const median: CostQuantity = {
  label: 'Latency, median',
  hint: 'one example at a time',
  value: (cost) => cost.latencyMs.p50,
  text: milliseconds,
  above: 'slower',
  below: 'faster',
};

export const slowest: CostQuantity = {
  ...median,
  label: 'Latency, 95 %',
  hint: '95th percentile',
  value: (cost) => cost.latencyMs.p95,
};

export const throughput: CostQuantity = {
  label: 'Throughput',
  hint: 'examples a second, batches of 32',
  value: (cost) => cost.throughput,
  text: (value) => `${short(value)}/s`,
  above: 'faster',
  below: 'slower',
};

export const costQuantities: readonly CostQuantity[] = [parameters, macs, size, median, slowest, throughput];

/** `3.5× smaller`: what `after` is against `before`, or null where that cannot be said. */
export function ratioText({ value, text, above, below }: CostQuantity, before: Cost, after: Cost): string | null {
  const [a, b] = [value(before), value(after)];
  if (!(a > 0 && b > 0)) return null;
  if (text(a) === text(b)) return 'the same';
  return b > a ? `${times(b / a)} ${above}` : `${times(a / b)} ${below}`;
}
