/** Words from `from` to before `to` that are one entity. */
interface Chunk {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/** Tags that mark entities: O, and of each type B for its first word and I for the others (IOB2). */
export const isIob = (tags: readonly string[]): boolean =>
  tags.every((tag) => /^(O|[BI]-.+)$/.test(tag)) && tags.some((tag) => tag.startsWith('B-'));

/** The entities of a text by strict IOB2: one begins with B alone, and an I that follows none of its type belongs to nothing. */
export function chunksOf(tags: readonly string[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let open: { readonly type: string; readonly from: number } | null = null;
  const close = (to: number): void => {
    if (open) chunks.push({ ...open, to });
    open = null;
  };
  tags.forEach((tag, i) => {
    const [mark, type] = [tag[0], tag.slice(2)];
    if (mark === 'I' && open?.type === type) return;
    close(i);
    if (mark === 'B') open = { type, from: i };
  });
  close(tags.length);
  return chunks;
}

/**
 * Precision, recall and F1 (0 to 1) over the entities of all texts: one counts as found where its type and both of its ends are right
 * (Tjong Kim Sang and De Meulder 2003, as seqeval in strict mode). 0 where there is nothing to divide by.
 */
export function entityMetrics(
  found: readonly (readonly string[])[],
  truth: readonly (readonly string[])[],
): Readonly<Record<'f1' | 'precision' | 'recall', number>> {
  let [right, said, there] = [0, 0, 0];
  truth.forEach((tags, i) => {
    const keys = (of: readonly string[]): string[] => chunksOf(of).map(({ type, from, to }) => `${from} ${to} ${type}`);
    const ours = new Set(keys(tags));
    const theirs = keys(found[i]!);
    right += theirs.filter((key) => ours.has(key)).length;
    said += theirs.length;
    there += ours.size;
  });
  const share = (of: number, all: number): number => (all === 0 ? 0 : of / all);
  return { f1: share(2 * right, said + there), precision: share(right, said), recall: share(right, there) };
}
