import type { Dataset } from '../data/dataset.ts';
import { sheetOf } from '../data/png.ts';
import { random } from '../data/random.ts';
import { tokenizerOf } from '../data/text/reading.ts';
import { argmaxRows, type Matrix, softmaxRows } from '../run/metrics.ts';
import type { Workshop } from './define.ts';
import type { GalleryRow, Shown } from './record.ts';

/** Keeps pictures, as a workshop does. */
export type Album = Pick<Workshop, 'keepPicture'>;

/** Examples and what a teacher says of them. */
export interface Judged {
  readonly dataset: Dataset;
  /** [examples, classes] */
  readonly logits: Matrix;
  readonly classes: readonly string[];
}

/** An example and the words below it. */
export interface Chosen {
  readonly index: number;
  readonly caption: string;
}

export interface Choice {
  /** Examples of a class, at most. */
  readonly each: number;
  /** `typical`: of which the teacher is surest; `random`: drawn. */
  readonly by: 'typical' | 'random';
  readonly seed: number;
}

interface Verdicts {
  readonly top: Int32Array;
  /** Probability of the class named, by example. */
  readonly confidence: Float64Array;
}

function verdictsOf(logits: Matrix): Verdicts {
  const p = softmaxRows(logits);
  const top = argmaxRows(logits);
  return { top, confidence: Float64Array.from(top, (k, i) => p[i * logits.width + k]!) };
}

const orders = {
  typical: (members: readonly number[], { confidence }: Verdicts) =>
    [...members].sort((a, b) => confidence[b]! - confidence[a]! || a - b),
  random: (members: readonly number[], _: Verdicts, seed: number, name: string) =>
    Array.from(random(seed, name).permutation(members.length), (m) => members[m]!),
} as const;

/** Indices of examples, for each class those of which the teacher says that they are of it. */
function chosenOf({ logits }: Judged, { each, by, seed }: Choice, verdicts: Verdicts): readonly (readonly number[])[] {
  const members = Array.from({ length: logits.width }, (): number[] => []);
  for (const [i, k] of verdicts.top.entries()) members[k]!.push(i);
  return members.map((of, k) => orders[by](of, verdicts, seed, `gallery/${k}`).slice(0, each));
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

/**
 * A row of a gallery: pictures on one sheet, texts, or rows of values, as the data are.
 * @param file Name of the sheet, unique in the program.
 */
export async function rowOf(
  album: Album,
  file: string,
  name: string,
  dataset: Dataset,
  chosen: readonly Chosen[],
): Promise<GalleryRow> {
  if (chosen.length === 0) return { name, shown: null };
  const captions = chosen.map((c) => c.caption);
  const indices = chosen.map((c) => c.index);
  return {
    name,
    shown: await showings[dataset.example.layout](dataset, indices, captions, (png) => album.keepPicture(file, png)),
  };
}

type Showing = (
  dataset: Dataset,
  indices: readonly number[],
  captions: readonly string[],
  keep: (png: Uint8Array) => Promise<string>,
) => Promise<Shown>;

const showings: Readonly<Record<Dataset['example']['layout'], Showing>> = {
  image: async (dataset, indices, captions, keep) => {
    const [height, width] = dataset.example.shape.slice(-2) as [number, number];
    return { kind: 'pictures', sheet: await keep((await sheetOf(dataset, indices))!), width, height, captions };
  },
  vector: async (dataset, indices, captions) => {
    const rows = indices.map((i) => dataset.row(i) ?? {});
    const columns = [...new Set(rows.flatMap(Object.keys))];
    return { kind: 'values', columns, values: rows.map((row) => columns.map((c) => rounded(row[c] ?? ''))), captions };
  },
  tokens: async (dataset, indices, captions) => {
    const { example } = dataset;
    const tokenizer = example.layout === 'tokens' ? tokenizerOf(example.text) : null;
    const read = (i: number): string => {
      const ids = idsOf(dataset, i);
      return tokenizer?.decode(ids) ?? ids.join(' ');
    };
    return {
      kind: 'texts',
      texts: indices.map((i) => Object.values(dataset.row(i) ?? {}).join(' | ') || read(i)),
      captions,
    };
  },
};

/** Seven digits are what a float32 holds. */
const rounded = (value: string | number): string | number => (typeof value === 'number' ? Number(value.toPrecision(7)) : value);

/** Ids of a text that was made up. */
function idsOf(dataset: Dataset, i: number): readonly number[] {
  const length = dataset.length?.(i) ?? dataset.example.shape[1]!;
  const values = new Float32Array(2 * length);
  dataset.read(i, values, 0, length);
  return [...values.subarray(0, length)];
}

/**
 * A row for each class: examples that the teacher puts there, and how sure it is. The same set and choice give the same bytes.
 * @param folder Name for its sheets, unique in the program.
 */
export async function rowsByClass(album: Album, folder: string, judged: Judged, choice: Choice): Promise<readonly GalleryRow[]> {
  const verdicts = verdictsOf(judged.logits);
  const rows: GalleryRow[] = [];
  for (const [k, indices] of chosenOf(judged, choice, verdicts).entries()) {
    const chosen = indices.map((index) => ({ index, caption: percent(verdicts.confidence[index]!) }));
    rows.push(await rowOf(album, `${folder}/${k}`, judged.classes[k] ?? String(k), judged.dataset, chosen));
  }
  return rows;
}

/**
 * One row, such as of a moment: examples of all classes in their order, each with its class and how sure the teacher is.
 * @param file Name of its sheet, unique in the program.
 * @param name Such as `after round 10`.
 */
export function rowAcross(album: Album, file: string, name: string, judged: Judged, choice: Choice): Promise<GalleryRow> {
  const verdicts = verdictsOf(judged.logits);
  const chosen = chosenOf(judged, choice, verdicts).flatMap((indices, k) =>
    indices.map((index) => ({ index, caption: `${judged.classes[k] ?? k}, ${percent(verdicts.confidence[index]!)}` })),
  );
  return rowOf(album, file, name, judged.dataset, chosen);
}
