/** Edits (insert, delete, replace) between two words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The names that look most like a wrong one, the nearest first; for messages. */
export function nearest(wrong: string, names: Iterable<string>, count = 3): readonly string[] {
  const of = wrong.toLowerCase();
  return [...new Set(names)]
    .map((name) => {
      const to = name.toLowerCase();
      const inside = of.length > 2 && (to.includes(of) || of.includes(to));
      return { name, far: inside ? 0.5 : distance(of, to) / Math.max(of.length, to.length, 1) };
    })
    .sort((a, b) => a.far - b.far)
    .slice(0, count)
    .map(({ name }) => name);
}
