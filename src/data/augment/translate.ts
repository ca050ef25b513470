/** Where pixel `i` of an axis of `n` is read from, or −1 for outside. */
export type Edge = (i: number, n: number) => number;

const zero: Edge = (i, n) => (i < 0 || i >= n ? -1 : i);

/** What lies beyond the border of a picture. */
export const edges = {
  zero,
  /** Mirrored at the border pixel, which is not repeated (abc|ba…). */
  reflect: (i, n) => {
    const period = Math.max(1, 2 * n - 2);
    const m = ((i % period) + period) % period;
    return m < n ? m : period - m;
  },
} as const satisfies Record<string, Edge>;

/** Writes the picture moved so that its pixel (y + dy, x + dx) comes to (y, x). */
export function translate(
  from: Float32Array,
  out: Float32Array,
  offset: number,
  [channels, height, width]: readonly [number, number, number],
  dy: number,
  dx: number,
  edge: Edge,
): void {
  // Columns that come from inside the picture; the few others ask the edge.
  const first = Math.min(width, Math.max(0, -dx));
  const last = Math.max(first, Math.min(width, width - dx));
  for (let y = 0; y < height; y++) {
    const fromY = edge(y + dy, height);
    for (let c = 0; c < channels; c++) {
      const row = offset + (c * height + y) * width;
      if (fromY < 0) {
        out.fill(0, row, row + width);
        continue;
      }
      const source = (c * height + fromY) * width;
      for (let x = 0; x < first; x++) out[row + x] = beyond(from, source, edge(x + dx, width));
      for (let x = first, at = source + first + dx; x < last; x++, at++) out[row + x] = from[at]!;
      for (let x = last; x < width; x++) out[row + x] = beyond(from, source, edge(x + dx, width));
    }
  }
}

const beyond = (from: Float32Array, row: number, x: number): number => (x < 0 ? 0 : from[row + x]!);
