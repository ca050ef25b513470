import type { Dataset, TextType } from '../dataset.ts';
import type { Encoded } from './tokenizer.ts';

/** Token sequences one behind the other. */
export interface TokenRows {
  readonly ids: Int32Array;
  /** Which text of the example each token is of, 1 or 2. */
  readonly texts: Uint8Array;
  /** Where each sequence starts, and at last where the final one ends. */
  readonly starts: Float64Array;
}

/** Packs `size` encoded examples. */
export function packTokens(size: number, encodedAt: (i: number) => Encoded): TokenRows {
  let ids = new Int32Array(32 * size);
  let texts = new Uint8Array(ids.length);
  const starts = new Float64Array(size + 1);
  for (let i = 0; i < size; i++) {
    const row = encodedAt(i);
    const from = starts[i]!;
    const to = from + row.ids.length;
    if (to > ids.length) {
      const larger = new Int32Array(Math.max(to, ids.length * 2));
      larger.set(ids);
      ids = larger;
      const wider = new Uint8Array(larger.length);
      wider.set(texts);
      texts = wider;
    }
    ids.set(row.ids, from);
    texts.set(row.texts, from);
    starts[i + 1] = to;
  }
  const total = starts[size]!;
  return { ids: ids.slice(0, total), texts: texts.slice(0, total), starts };
}

/** A data set of packed tokens, whose labels, targets and words for people come from `rest`. */
export function tokenDataset(
  { ids, texts, starts }: TokenRows,
  text: TextType,
  longest: number,
  rest: Pick<Dataset, 'name' | 'classes' | 'targets' | 'label' | 'target' | 'row'>,
): Dataset {
  const { name, classes, targets, label, target, row } = rest;
  const length = (i: number): number => starts[i + 1]! - starts[i]!;
  return {
    name,
    size: starts.length - 1,
    example: { layout: 'tokens', shape: [2, longest], text },
    classes,
    targets,
    label,
    target,
    row,
    length,
    read(i, out, offset, width = longest) {
      const tokens = length(i);
      if (tokens > width) throw new Error(`internal: example ${i} of '${name}' has ${tokens} tokens, read into ${width}`);
      const from = starts[i]!;
      for (let t = 0; t < tokens; t++) {
        out[offset + t] = ids[from + t]!;
        out[offset + width + t] = texts[from + t]!;
      }
      out.fill(text.special.pad, offset + tokens, offset + width);
      out.fill(0, offset + width + tokens, offset + 2 * width);
    },
  };
}
