/** A table of text: the first column to the left, all others to the right. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => [...(row[i] ?? '')].length)));
  return all.map((row) =>
    row
      .map((cell, i) => {
        const space = ' '.repeat(widths[i]! - [...cell].length);
        return i === 0 ? cell + space : space + cell;
      })
      .join('   ')
      .trimEnd(),
  );
}
