import type { Dataset } from '../data/dataset.ts';

/** The tagged words of a set, example after example. */
export interface Tags {
  /** Place of the first token of each word. */
  readonly places: Int32Array;
  /** Class of each word. */
  readonly labels: Int32Array;
  /** Where the words of each example start, and at last where those of the final one end. */
  readonly starts: Int32Array;
}

const known = new WeakMap<Dataset, Tags>();

/** The words of a set that have a tag and that the longest length did not cut off. */
export function tagsOf(dataset: Dataset): Tags {
  const before = known.get(dataset);
  if (before) return before;
  const longest = dataset.example.shape[1]!;
  const own = new Float32Array(longest);
  const [places, labels, starts]: number[][] = [[], [], [0]];
  for (let i = 0; i < dataset.size; i++) {
    dataset.target(i, own, 0);
    own.forEach((answer, at) => {
      if (answer === 0) return;
      places!.push(at);
      labels!.push(answer - 1);
    });
    starts!.push(places!.length);
  }
  const found = { places: Int32Array.from(places!), labels: Int32Array.from(labels!), starts: Int32Array.from(starts!) };
  known.set(dataset, found);
  return found;
}
