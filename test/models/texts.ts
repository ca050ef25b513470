import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { z } from 'zod';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import type { architectureSchema } from '../../src/models/architectures/list.ts';

export type Options = z.input<typeof architectureSchema>;
type Summaries = Record<string, [norm: number, product: number]>;
export interface TextCase {
  readonly options: Options;
  readonly outputs: number;
  readonly parameters: string[];
  readonly result: number[];
  readonly gradients: Summaries;
  readonly hidden: number[][];
}

/** What scripts/reference/texts.py wrote. */
export const golden = JSON.parse(readFileSync(new URL('../fixtures/golden/texts.json', import.meta.url), 'utf8')) as {
  vocabulary: number;
  lengths: number[];
  longest: number;
  cases: TextCase[];
  masked: TextCase & { places: number[][] };
};

const numbers = (seed: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => ((i * 7919 + seed * 104729 + 13) % 1009) / 1009 - 0.5);
const scaled = (seed: number, shape: readonly number[], factor: number, offset = 0): Tensor =>
  tensor('float32', shape, numbers(seed, sizeOf(shape)).map((v) => v * factor + offset)); // biome-ignore format: one call

export const cotangent = (shape: readonly number[]): Tensor => scaled(200, shape, 1);

const tables = ['word', 'position', 'type'];

/** The k-th parameter of a network there. */
export function weight(k: number, name: string, shape: readonly number[]): Tensor {
  if (shape.length === 1) return scaled(k, shape, 0.4, name.endsWith('weight') ? 1 : 0);
  const fan = shape.length === 3 ? sizeOf(shape.slice(1)) : shape[0]!;
  return scaled(k, shape, tables.includes(name.split('.').at(-2)!) ? 2 : Math.sqrt(24 / fan));
}

/** Texts of some lengths as tokens [N, 2, longest]: the second half of each is another text. */
export function texts(lengths: readonly number[], longest: number, vocabulary: number): Tensor {
  const drawn = numbers(50, lengths.length * golden.longest);
  const rows = lengths.flatMap((n, row) => {
    const at = Array.from({ length: longest }, (_, i) => i);
    const ids = at.map((i) => (i < n ? Math.floor((drawn[row * golden.longest + i]! + 0.5) * vocabulary) : 0));
    return [ids, at.map((i) => (i >= n ? 0 : 2 * i >= n ? 2 : 1))];
  });
  return tensor('float32', [lengths.length, 2, longest], rows.flat());
}

export function expectClose(found: readonly number[], wanted: readonly number[], what: string, tolerance = 1e-4): void {
  const size = Math.max(1e-2, ...wanted.map(Math.abs));
  expect(found.length, what).toBe(wanted.length);
  expect(Math.max(...found.map((v, i) => Math.abs(v - wanted[i]!))) / size, what).toBeLessThan(tolerance);
}

export function expectSummaries(found: (name: string) => readonly number[], wanted: Summaries): void {
  const largest = Math.max(...Object.values(wanted).map(([norm]) => norm));
  for (const [name, [norm, product]] of Object.entries(wanted)) {
    const values = found(name);
    const at = numbers(7, values.length);
    const slack = 1e-3 * Math.max(norm, 1e-3 * largest);
    expect(Math.abs(Math.hypot(...values) - norm), `norm of ${name}`).toBeLessThan(slack);
    expect(Math.abs(values.reduce((s, v, i) => s + v * at[i]!, 0) - product), name).toBeLessThan(slack);
  }
}
