import { argmaxRows, confusion, type Matrix, reliability, softmaxRows } from '../metrics.ts';
import type { Describe, Said } from './define.ts';

/** How rows of scores of classes are told: each row a thing with a class, −1 where it has none. */
export function describeClasses(labels: Int32Array, names: readonly string[], { teacher, scratch, distilled }: Said): Describe {
  const cache = new Map<Matrix, { readonly p: Float64Array; readonly top: Int32Array }>();
  const of = (m: Matrix) => {
    const known = cache.get(m) ?? { p: softmaxRows(m), top: argmaxRows(m) };
    cache.set(m, known);
    return known;
  };
  return {
    behaviour: (m) => {
      const table = confusion(m, labels);
      return {
        confusion: table,
        reliability: reliability(of(m).p, m.rows, m.width, labels),
        perClass: table.map((row, c) => {
          const total = row.reduce((a, b) => a + b, 0);
          return total === 0 ? null : row[c]! / total;
        }),
      };
    },
    prediction: (m, i) => {
      const { p, top } = of(m);
      return { label: names[top[i]!] ?? String(top[i]), probability: p[i * m.width + top[i]!]! };
    },
    label: (i) => names[labels[i]!] ?? '—',
    telling: () => {
      const others = [scratch, teacher].filter((m) => m !== null).map(of);
      const own = of(distilled);
      const sure = (m: { p: Float64Array; top: Int32Array }, i: number): number => m.p[i * distilled.width + m.top[i]!]!;
      return Array.from({ length: distilled.rows }, (_, i) => i)
        .filter((i) => others.some((o) => o.top[i] !== own.top[i]))
        .map((i) => ({
          i,
          weight: sure(own, i) + Math.max(...others.filter((o) => o.top[i] !== own.top[i]).map((o) => sure(o, i))),
        }))
        .sort((a, b) => b.weight - a.weight || a.i - b.i)
        .map(({ i }) => i);
    },
  };
}
