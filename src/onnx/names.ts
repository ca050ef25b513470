/** Gives out names that are used once. */
export interface Names {
  /** The wish itself, or the wish with the smallest number that makes it unique. */
  take(wish: string): string;
  /** Takes a name as it is; false if somebody has it. */
  reserve(name: string): boolean;
}

export function uniqueNames(): Names {
  const used = new Set<string>();
  const next = new Map<string, number>();
  const reserve = (name: string): boolean => {
    if (used.has(name)) return false;
    used.add(name);
    return true;
  };
  return {
    reserve,
    take: (wish) => {
      if (reserve(wish)) return wish;
      for (let k = next.get(wish) ?? 1; ; k++) {
        const name = `${wish}.${k}`;
        if (!reserve(name)) continue;
        next.set(wish, k + 1);
        return name;
      }
    },
  };
}
