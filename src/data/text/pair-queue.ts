/** Keys by how often they occur: the most frequent first, of equally frequent ones the smallest. */
export interface PairQueue {
  push(count: number, key: number): void;
  /** The first entry, taken out; null when empty. */
  pop(): { readonly count: number; readonly key: number } | null;
}

/** A binary heap. */
export function pairQueue(): PairQueue {
  const counts: number[] = [];
  const keys: number[] = [];
  const before = (i: number, j: number): boolean => counts[i]! > counts[j]! || (counts[i] === counts[j] && keys[i]! < keys[j]!);
  const swap = (i: number, j: number): void => {
    const [count, key] = [counts[i]!, keys[i]!];
    counts[i] = counts[j]!;
    keys[i] = keys[j]!;
    counts[j] = count;
    keys[j] = key;
  };
  return {
    push(count, key) {
      let i = counts.push(count) - 1;
      keys.push(key);
      for (let up = (i - 1) >> 1; i > 0 && before(i, up); up = (i - 1) >> 1) {
        swap(i, up);
        i = up;
      }
    },
    pop() {
      const last = counts.length - 1;
      if (last < 0) return null;
      swap(0, last);
      const top = { count: counts.pop()!, key: keys.pop()! };
      for (let i = 0; ; ) {
        const left = 2 * i + 1;
        if (left >= last) return top;
        const child = left + 1 < last && before(left + 1, left) ? left + 1 : left;
        if (!before(child, i)) return top;
        swap(i, child);
        i = child;
      }
    },
  };
}
