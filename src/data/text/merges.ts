import { pairQueue } from './pair-queue.ts';

/** A word of the text in pieces (their ids), and how often it occurs. */
export interface CountedWord {
  pieces: number[];
  readonly count: number;
}

export interface MergeOptions {
  /** Pieces to end with. */
  readonly size: number;
  /** How often a pair must occur to become a piece. */
  readonly least: number;
  /** The piece that two neighbours make. */
  readonly join: (left: string, right: string) => string;
}

/** Pairs are one number: ids are below 2^26, so that it stays exact. */
const PAIR = 2 ** 26;

/**
 * Makes pieces longer by merging the pair of neighbours that occurs most often, again and again (Sennrich et al. 2016, section
 * 3.2), until there are `size` pieces; appends to `pieces`, rewrites `words`, and gives the merges in their order. Of equally
 * frequent pairs the one with the smaller ids comes first. Counts are updated only in the words that hold the pair.
 */
export function learnMerges(words: readonly CountedWord[], pieces: string[], options: MergeOptions): [string, string][] {
  const { size, least, join } = options;
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const counts = new Map<number, number>();
  const places = new Map<number, number[]>();
  const queue = pairQueue();
  const count = (pair: number, by: number): void => {
    counts.set(pair, (counts.get(pair) ?? 0) + by);
  };
  const place = (pair: number, word: number): void => {
    const list = places.get(pair);
    if (!list) places.set(pair, [word]);
    else if (list.at(-1) !== word) list.push(word);
  };
  words.forEach(({ pieces: own, count: times }, w) => {
    for (let i = 1; i < own.length; i++) {
      const pair = own[i - 1]! * PAIR + own[i]!;
      count(pair, times);
      place(pair, w);
    }
  });
  for (const [pair, times] of counts) queue.push(times, pair);

  const merges: [string, string][] = [];
  while (pieces.length < size) {
    const top = queue.pop();
    if (!top) break;
    const current = counts.get(top.key) ?? 0;
    if (current !== top.count) {
      // Fewer: back into its place. More: a newer entry is in the queue.
      if (current > 0 && current < top.count) queue.push(current, top.key);
      continue;
    }
    if (current < least) break;
    const left = Math.floor(top.key / PAIR);
    const right = top.key % PAIR;
    const piece = join(pieces[left]!, pieces[right]!);
    merges.push([pieces[left]!, pieces[right]!]);
    const id = ids.get(piece) ?? pieces.push(piece) - 1;
    ids.set(piece, id);
    const changed = new Set<number>();
    for (const w of places.get(top.key) ?? []) {
      const word = words[w]!;
      const merged = mergeIn(word.pieces, left, right, id);
      if (merged.length === word.pieces.length) continue;
      for (let i = 1; i < word.pieces.length; i++) count(word.pieces[i - 1]! * PAIR + word.pieces[i]!, -word.count);
      for (let i = 1; i < merged.length; i++) {
        const pair = merged[i - 1]! * PAIR + merged[i]!;
        count(pair, word.count);
        if (merged[i - 1] !== id && merged[i] !== id) continue;
        place(pair, w);
        changed.add(pair);
      }
      word.pieces = merged;
    }
    places.delete(top.key);
    for (const pair of changed) if (counts.get(pair)! > 0) queue.push(counts.get(pair)!, pair);
  }
  return merges;
}

function mergeIn(pieces: readonly number[], left: number, right: number, id: number): number[] {
  const merged: number[] = [];
  for (let i = 0; i < pieces.length; i++) {
    if (pieces[i] === left && pieces[i + 1] === right) {
      merged.push(id);
      i++;
    } else merged.push(pieces[i]!);
  }
  return merged;
}
