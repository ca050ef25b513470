/** How one number of a vector came from a table: value = (raw − mean) / std. */
export interface Column {
  /** Column of the table, or `column=level` for a level of a categorical column. */
  readonly name: string;
  readonly mean: number;
  readonly std: number;
  /** What stands in for a missing raw value; null where none may be missing. */
  readonly fill: number | null;
}

/** What models and people have to know of texts that are ids. */
export interface TextType {
  /** Ids run from 0 to one below. */
  readonly vocabulary: number;
  /** Ids with a meaning of their own; null where the tokenizer has none. */
  readonly special: {
    readonly pad: number;
    readonly unknown: number | null;
    /** In front of a text, such as [CLS]. */
    readonly first: number | null;
    /** Between texts and behind the last one, such as [SEP]. */
    readonly separator: number | null;
    /** Stands for a hidden token, such as [MASK]. */
    readonly mask: number | null;
  };
  /** What lies beside an exported model: contents by file name (tokenizer.json, tokenizer_config.json). */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * What one example is: a picture [C,H,W] (RGB or grey, 0…1), a vector [n] whose numbers have names, or tokens [2, length] as whole
 * numbers: row 0 holds ids, row 1 which text of the example a token is of, 1 or 2, and 0 for padding, which comes last. The shape has the longest
 * length; a batch may be shorter.
 */
export type ExampleType =
  | { readonly layout: 'tokens'; readonly shape: readonly [rows: 2, length: number]; readonly text: TextType }
  | { readonly layout: 'image'; readonly shape: readonly [channels: number, height: number, width: number] }
  | { readonly layout: 'vector'; readonly shape: readonly [length: number]; readonly columns: readonly Column[] };

/** A value to predict; models see and give (value − mean) / std. */
export interface Target {
  readonly name: string;
  readonly mean: number;
  readonly std: number;
}

/** How numbers are spread: by channel of pictures (0…1), or by number of vectors. */
export interface Spreads {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Examples in memory, all of one shape, read one at a time as float32. Immutable. */
export interface Dataset {
  readonly name: string;
  readonly size: number;
  readonly example: ExampleType;
  /** How its numbers are spread, where the source says so and nothing has to be measured. */
  readonly spreads?: Spreads;
  /** Names of the classes in the order of their indices; null where there are none (regression, unlabelled). */
  readonly classes: readonly string[] | null;
  /** Classes are those of words: `target` writes for each token of the longest example 1 + its class, 0 where it has none. */
  readonly tagged?: true;
  /** Values to predict; empty for classification. */
  readonly targets: readonly Target[];
  /** Writes example i (pictures: 0…1, channels first) at `offset`; tokens into rows of `length`, the longest unless told. */
  read(i: number, out: Float32Array, offset: number, length?: number): void;
  /** Tokens in example i; absent where all examples are of one size. */
  readonly length?: (i: number) => number;
  /** Class of example i, −1 where it has none. */
  label(i: number): number;
  /** Writes `targetSize` numbers: one-hot (all zero where unlabelled), standardised values, or what `tagged` says. */
  target(i: number, out: Float32Array, offset: number): void;
  /** Example i as a person knows it, by column; null for pictures. */
  row(i: number): Readonly<Record<string, string | number>> | null;
}

/** Numbers in one example. */
export const exampleSize = (dataset: { readonly example: ExampleType }): number =>
  (dataset.example.shape as readonly number[]).reduce((a, b) => a * b, 1);

/**
 * Shape of one example in a batch of a length; `length` and `added`, rows behind those of the data, count for tokens alone. The
 * longest where the length is null.
 */
export const exampleShape = (example: ExampleType, length: number | null, added = 0): readonly number[] =>
  example.layout === 'tokens' ? [2 + added, length ?? example.shape[1]] : example.shape;

/** How many different ids texts have; nothing for other examples. */
export const vocabularyOf = (example: ExampleType): { readonly vocabulary?: number } =>
  example.layout === 'tokens' ? { vocabulary: example.text.vocabulary } : {};

/** Numbers in one target: classes, values to predict, or tokens that have classes; 0 where there is none of them. */
export const targetSize = (dataset: Pick<Dataset, 'classes' | 'targets' | 'tagged' | 'example'>): number =>
  dataset.tagged ? dataset.example.shape[1]! : answerSize(dataset);

/** Numbers that a model has to give: classes, or values to predict; 0 where there is neither. */
export const answerSize = (dataset: Pick<Dataset, 'classes' | 'targets'>): number =>
  dataset.classes?.length ?? dataset.targets.length;

/** The raw value of target t behind a standardised one. */
export const unscale = (target: Target, value: number): number => value * target.std + target.mean;

/** The examples at `indices` of another set, in that order. */
export function subset(dataset: Dataset, indices: Uint32Array, name = dataset.name): Dataset {
  return {
    ...dataset,
    name,
    size: indices.length,
    read: (i, out, offset, length) => dataset.read(indices[i]!, out, offset, length),
    ...(dataset.length && { length: (i) => dataset.length!(indices[i]!) }),
    label: (i) => dataset.label(indices[i]!),
    target: (i, out, offset) => dataset.target(indices[i]!, out, offset),
    row: (i) => dataset.row(indices[i]!),
  };
}

/** Writes a class as a one-hot row; a negative class leaves zeros. */
export function writeOneHot(label: number, classes: number, out: Float32Array, offset: number): void {
  out.fill(0, offset, offset + classes);
  if (label >= 0) out[offset + label] = 1;
}

/** Writes bytes as 0…1, the nearest float32 to b/255. Four at a time: this is most of the cost of a batch. */
function toUnit(bytes: Uint8Array, from: number, count: number, out: Float32Array, offset: number): void {
  const whole = from + (count & ~3);
  const end = from + count;
  let p = from;
  let q = offset;
  for (; p < whole; p += 4, q += 4) {
    out[q] = bytes[p]! * (1 / 255);
    out[q + 1] = bytes[p + 1]! * (1 / 255);
    out[q + 2] = bytes[p + 2]! * (1 / 255);
    out[q + 3] = bytes[p + 3]! * (1 / 255);
  }
  for (; p < end; p++, q++) out[q] = bytes[p]! * (1 / 255);
}

export interface ImageData {
  readonly name: string;
  readonly shape: readonly [channels: number, height: number, width: number];
  /** All pictures one after another, channels first. */
  readonly bytes: Uint8Array;
  /** One class an example (−1: none); null where nothing is labelled. */
  readonly labels: ArrayLike<number> | null;
  readonly classes: readonly string[] | null;
}

/** Pictures kept as bytes. */
export function imageDataset({ name, shape, bytes, labels, classes }: ImageData): Dataset {
  const pixels = shape[0] * shape[1] * shape[2];
  const size = bytes.length / pixels;
  if (!Number.isInteger(size) || (labels && labels.length !== size)) {
    throw new Error(`internal: ${bytes.length} bytes and ${labels?.length} labels for pictures of [${shape}]`);
  }
  // A Buffer would make the inner loop of reading work on two classes of array.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const label = (i: number): number => labels?.[i] ?? -1;
  return {
    name,
    size,
    example: { layout: 'image', shape },
    classes,
    targets: [],
    read: (i, out, offset) => toUnit(plain, i * pixels, pixels, out, offset),
    label,
    target: (i, out, offset) => writeOneHot(label(i), classes?.length ?? 0, out, offset),
    row: () => null,
  };
}

export interface FloatData {
  readonly name: string;
  readonly example: ExampleType;
  /** Example after example. */
  readonly values: Float32Array;
  /** One class an example (−1: none); null or absent where nothing is labelled. */
  readonly labels?: ArrayLike<number> | null;
  readonly classes?: readonly string[] | null;
  readonly targets?: readonly Target[];
  /** Row after row, one number a target. */
  readonly targetValues?: Float32Array;
  /** The example as a person knows it; default: the numbers by column, null for pictures. */
  readonly row?: Dataset['row'];
}

/** Examples kept as numbers, with a class or with values to predict. */
export function floatDataset(data: FloatData): Dataset {
  const { name, example, values, labels = null, classes = null, targets = [], targetValues = new Float32Array(0) } = data;
  const width = exampleSize({ example });
  const size = values.length / width;
  if (!Number.isInteger(size) || (labels && labels.length !== size) || targetValues.length !== targets.length * size) {
    throw new Error(
      `internal: ${values.length} values, ${labels?.length} labels, ${targetValues.length} target values for [${example.shape}]`,
    );
  }
  const label = (i: number): number => labels?.[i] ?? -1;
  const columns = example.layout === 'vector' ? example.columns : null;
  return {
    name,
    size,
    example,
    classes,
    targets,
    read: (i, out, offset) => out.set(values.subarray(i * width, (i + 1) * width), offset),
    label,
    target(i, out, offset) {
      if (classes) writeOneHot(label(i), classes.length, out, offset);
      else for (let t = 0; t < targets.length; t++) out[offset + t] = targetValues[i * targets.length + t]!;
    },
    row:
      data.row ??
      ((i) => columns && Object.fromEntries(columns.map((c, j) => [c.name, values[i * width + j]! * c.std + c.mean]))),
  };
}

/** A vector whose numbers are taken as they are. */
export const plainVector = (columns: readonly string[]): ExampleType => ({
  layout: 'vector',
  shape: [columns.length],
  columns: columns.map((name) => ({ name, mean: 0, std: 1, fill: null })),
});

export const plainTarget = (name: string): Target => ({ name, mean: 0, std: 1 });
