import { SynthesisError } from '../error.ts';
import type { GroupedMoments, LayerMoments, Moments, PairMoments } from './metadata.ts';
import { type Accumulator, accumulator, merged, momentsOf, type Sums } from './sums.ts';

export interface Layer {
  readonly tap: string;
  /** Of one example. */
  readonly shape: readonly number[];
}

export interface CollectorOptions {
  readonly layers: readonly Layer[];
  /** Whether neighbours among them are recorded together, where they are small enough. */
  readonly pairs: boolean;
  /** How many classes are recorded one by one; 0: none are. */
  readonly classes: number;
  /** Covariances are recorded of layers, or pairs, of at most so many numbers. */
  readonly covarianceUpTo: number;
  /** Examples that a group must have to be recorded; at least 2. */
  readonly atLeast: number;
}

export interface Collected {
  readonly layers: readonly LayerMoments[];
  readonly pairs: readonly PairMoments[];
  readonly leftOut: number;
}

export interface Collector {
  /** Takes what the layers gave for one example: `data[l]` from place `row · width` on. `label`: its class, −1 for none. */
  add(data: readonly Float32Array[], row: number, label: number): void;
  /** @throws SynthesisError where examples are too few or numbers are not finite. */
  finish(): Collected;
}

/** One or two layers side by side. */
interface Block {
  readonly name: string;
  /** Places among the layers. */
  readonly of: readonly number[];
  readonly groups: readonly (() => Accumulator)[];
}

/**
 * Collects statistics of layers, example after example. No group of fewer than `atLeast` examples can be told from what comes out:
 * classes that are too small are not recorded, and where all of those together are too few, they are not in the statistics of all
 * examples either, from which the others could be taken away.
 */
export function collector({ layers, pairs, classes, covarianceUpTo, atLeast }: CollectorOptions): Collector {
  const widths = layers.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  const block = (of: readonly number[]): Block => {
    const width = of.reduce((n, l) => n + widths[l]!, 0);
    return {
      name: of.map((l) => layers[l]!.tap).join(' and '),
      of,
      groups: Array.from({ length: classes + 1 }, () => once(() => accumulator(width, width <= covarianceUpTo))),
    };
  };
  const single = layers.map((_, l) => block([l]));
  const double = layers.flatMap((_, l) =>
    pairs && l > 0 && widths[l - 1]! + widths[l]! <= covarianceUpTo ? [block([l - 1, l])] : [],
  );
  const negative = layers.map(() => false);
  const counts = new Float64Array(classes + 1);
  return {
    add(data, row, label) {
      const group = label >= 0 && label < classes ? label : classes;
      counts[group]!++;
      data.forEach((values, l) => {
        const width = widths[l]!;
        negative[l] ||= values.subarray(row * width, (row + 1) * width).some((v) => v < 0);
      });
      for (const { of, groups } of single) groups[group]!().add(data[of[0]!]!, row * widths[of[0]!]!);
      for (const { of, groups } of double) groups[group]!().add(sideBySide(of, data, row, widths), 0);
    },
    finish() {
      const small = [...counts.keys()].filter((g) => g === classes || counts[g]! < atLeast);
      const rest = small.reduce((n, g) => n + counts[g]!, 0);
      const hidden = rest < atLeast ? rest : 0;
      const total = counts.reduce((a, b) => a + b, 0) - hidden;
      if (total < atLeast) {
        throw new SynthesisError(
          `statistics: found ${total + hidden} examples; expected at least ${atLeast}, for those of fewer tell of the examples themselves; take more data`,
        );
      }
      const large = new Set([...counts.keys()].filter((g) => !small.includes(g)));
      const grouped = ({ name, groups }: Block): GroupedMoments => {
        const sums = groups.map((of, g) => (counts[g]! > 0 ? of().sums() : null));
        const all = sums.filter((s, g): s is Sums => s !== null && (large.has(g) || hidden === 0)).reduce(merged);
        return {
          all: finite(momentsOf(all), name),
          byClass: Array.from({ length: classes }, (_, g) => (large.has(g) ? finite(momentsOf(sums[g]!), name) : null)),
        };
      };
      return {
        layers: layers.map((layer, l) => ({ ...layer, nonNegative: !negative[l], ...grouped(single[l]!) })),
        pairs: double.map((of) => ({ taps: [layers[of.of[0]!]!.tap, layers[of.of[1]!]!.tap], ...grouped(of) })),
        leftOut: hidden,
      };
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function sideBySide(of: readonly number[], data: readonly Float32Array[], row: number, widths: readonly number[]): Float32Array {
  const out = new Float32Array(of.reduce((n, l) => n + widths[l]!, 0));
  let at = 0;
  for (const l of of) {
    out.set(data[l]!.subarray(row * widths[l]!, (row + 1) * widths[l]!), at);
    at += widths[l]!;
  }
  return out;
}

function finite(moments: Moments, name: string): Moments {
  // Every number that is not finite makes its deviation so.
  if (moments.std.every(Number.isFinite)) return moments;
  throw new SynthesisError(
    `statistics: found numbers in ${name} that are not finite; expected none; leave the layer out or look at what the teacher gives`,
  );
}
