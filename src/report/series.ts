import type { HistoryRow, Role } from '../run/record.ts';

export interface Point {
  /** Epochs since the start, a fraction within an epoch. */
  readonly x: number;
  /** NaN where there was a measurement but no finite number. */
  readonly y: number;
}

/** One quantity of one kind of training: a line per seed and their mean. */
export interface Curve {
  readonly role: Role;
  readonly split: HistoryRow['split'];
  readonly seeds: readonly { readonly seed: number; readonly points: readonly Point[] }[];
  /** Only where every seed has a value, so that the end of one seed cannot make it jump. */
  readonly mean: readonly Point[];
  readonly notFinite: number;
}

export type Pick = (row: HistoryRow) => number | undefined;

/** How many points a line may have so that a page with this many lines stays small. */
export function pointsPerLine(lines: number): number {
  return Math.max(24, Math.min(120, Math.floor(24_000 / Math.max(1, lines))));
}

/** The curves of a quantity by role and split, at most `limit` points a line: longer histories are averaged in equal steps. */
export function curvesOf(history: readonly HistoryRow[], pick: Pick, limit: number): readonly Curve[] {
  const groups = grouped(
    history.filter((row) => pick(row) !== undefined),
    (row) => `${row.role} ${row.split}`,
  );
  return [...groups.values()].map((rows) => curve(rows, pick, limit));
}

function curve(rows: readonly HistoryRow[], pick: Pick, limit: number): Curve {
  const bySeed = [...grouped(rows, (row) => row.seed)].sort(([a], [b]) => a - b);
  const raw = bySeed.map(([seed, own]) => ({ seed, points: timed(own, pick) }));
  const place = buckets(
    raw.flatMap(({ points }) => points).map(({ x }) => x),
    limit,
  );
  const seeds = raw.map(({ seed, points }) => ({ seed, points: gathered(points, place) }));
  const { role, split } = rows[0]!;
  const notFinite = raw.flatMap(({ points }) => points).filter(({ y }) => !Number.isFinite(y)).length;
  return { role, split, seeds, mean: meanOf(seeds.map(({ points }) => points)), notFinite };
}

// Rows carry the step within the run; epochs make trainings with different batch sizes comparable.
function timed(rows: readonly HistoryRow[], pick: Pick): readonly Point[] {
  const last = rows.reduce((latest, row) => (row.step > latest.step ? row : latest));
  const epochsPerStep = last.step > 0 ? last.epoch / last.step : 0;
  return rows.map((row) => ({ x: epochsPerStep > 0 ? row.step * epochsPerStep : row.epoch, y: pick(row) ?? Number.NaN }));
}

function buckets(xs: readonly number[], limit: number): (x: number) => number {
  const rounded = (x: number): number => Math.round(x * 1e6) / 1e6;
  if (new Set(xs.map(rounded)).size <= limit) return rounded;
  const [low, high] = xs.reduce(
    ([a, b], x) => [Math.min(a, x), Math.max(b, x)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const width = (high - low) / limit;
  return (x) => low + (Math.min(limit - 1, Math.floor((x - low) / width)) + 0.5) * width;
}

function gathered(points: readonly Point[], place: (x: number) => number): readonly Point[] {
  return [...grouped(points, ({ x }) => place(x))]
    .sort(([a], [b]) => a - b)
    .map(([x, inside]) => ({ x, y: average(inside.map(({ y }) => y).filter(Number.isFinite)) }));
}

function meanOf(lines: readonly (readonly Point[])[]): readonly Point[] {
  const byPlace = grouped(lines.flat(), ({ x }) => x);
  return [...byPlace]
    .filter(([, points]) => points.length === lines.length)
    .sort(([a], [b]) => a - b)
    .map(([x, points]) => ({ x, y: average(points.map(({ y }) => y)) }));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function grouped<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
