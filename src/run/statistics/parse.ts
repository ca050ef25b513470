import { collectIssues, type Issues } from '../../data/error.ts';
import { sizeOf, type Tensor } from '../../graph/type.ts';
import type { GroupedMoments, Metadata, Moments } from '../../synthesis/metadata/metadata.ts';
import { fromTriangle, triangleSize } from '../../synthesis/metadata/triangle.ts';
import { readSafetensors, readSafetensorsMetadata } from '../safetensors.ts';
import { type Counted, parseHeader, statisticsKey } from './header.ts';

/** How far variances of a covariance may be from the squares of deviations, and correlations beyond 1: both are rounded to float32. */
const rounding = 1e-3;

/**
 * Statistics out of the bytes of a file.
 * @param where For messages.
 * @throws FileError when they are no safetensors file, DataError when they hold no statistics or impossible ones.
 */
export function parseStatistics(bytes: Uint8Array, where: string): Metadata {
  const tensors = readSafetensors(bytes, where);
  const { version: _, layers, pairs, ...rest } = parseHeader(readSafetensorsMetadata(bytes, where)[statisticsKey], where);
  const issues = collectIssues();
  const reader = momentsReader(tensors, where, issues);
  const widths = new Map(layers.map(({ tap, shape }) => [tap, sizeOf(shape)]));
  const read: Metadata = {
    ...rest,
    layers: layers.map(({ tap, shape, nonNegative, ...counted }, i) => {
      const moments = reader(`layers.${i}`, sizeOf(shape), counted);
      if (nonNegative && moments.all.mean.some((m) => m < 0)) {
        issues.add({
          where: `${where}: layers.${i}.all.mean`,
          found: 'a number below 0',
          expected: 'none, for no example has one',
        });
      }
      return { tap, shape, nonNegative, ...moments };
    }),
    pairs: pairs.map(({ taps, ...counted }, i) => ({
      taps,
      ...reader(`pairs.${i}`, widths.get(taps[0])! + widths.get(taps[1])!, counted),
    })),
  };
  issues.check();
  return read;
}

const momentsReader = (tensors: Readonly<Record<string, Tensor>>, where: string, issues: Issues) => {
  /** A row of `size` numbers, or undefined once it is told what is wrong with it. */
  const row = (name: string, size: number): Float32Array | undefined => {
    const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    const add = (what: string, expected: string): void => issues.add({ where: `${where}: ${name}`, found: what, expected });
    if (found?.dtype !== 'float32' || found.shape.length !== 1 || found.shape[0] !== size) {
      add(found ? `${found.dtype} [${found.shape.join(',')}]` : 'no such tensor', `float32 [${size}]`);
      return undefined;
    }
    const data = found.data as Float32Array;
    const at = data.findIndex((x) => !Number.isFinite(x));
    if (at < 0) return data;
    add(`${data[at]} at ${at}`, 'finite numbers');
    return undefined;
  };
  const group = (name: string, width: number, count: number, pairs: boolean): Moments => {
    const [mean, std] = [row(`${name}.mean`, width), row(`${name}.std`, width)];
    const triangle = pairs ? row(`${name}.covariance`, triangleSize(width)) : undefined;
    const wrong = std && impossible(std, triangle);
    if (wrong) issues.add({ where: `${where}: ${name}.${wrong.where}`, found: wrong.found, expected: wrong.expected });
    const none = new Float32Array(0);
    return { count, mean: mean ?? none, std: std ?? none, covariance: triangle && !wrong ? fromTriangle(triangle, width) : null };
  };
  return (name: string, width: number, { count, byClass, covariance }: Counted): GroupedMoments => ({
    all: group(`${name}.all`, width, count, covariance),
    byClass: byClass.map((n, c) => (n === null ? null : group(`${name}.class.${c}`, width, n, covariance))),
  });
};

interface Wrong {
  readonly where: 'std' | 'covariance';
  readonly found: string;
  readonly expected: string;
}

/** What no numbers can have as deviations and covariances; undefined where there is nothing of it. */
function impossible(std: Float32Array, triangle: Float32Array | undefined): Wrong | undefined {
  const low = std.findIndex((s) => s < 0);
  if (low >= 0) return { where: 'std', found: `${std[low]} at ${low}`, expected: 'numbers from 0 on' };
  for (let i = 0, at = 0; triangle && i < std.length; i++) {
    for (let j = 0; j <= i; j++, at++) {
      const [found, most] = [triangle[at]!, std[i]! * std[j]!];
      const where = 'covariance';
      if (i === j && Math.abs(found - most) > rounding * most) {
        return { where, found: `a variance of ${found} at ${i}`, expected: `the square of the deviation ${std[i]}` };
      }
      if (Math.abs(found) > most * (1 + rounding)) {
        return { where, found: `${found} between ${i} and ${j}`, expected: `at most ${most}, as the deviations have it` };
      }
    }
  }
  return undefined;
}
