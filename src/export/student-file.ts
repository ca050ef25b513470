/** One number of a row: value = (raw − mean) / std; `fill` stands in for a missing one. */
export interface InputColumn {
  readonly name: string;
  readonly mean: number;
  readonly std: number;
  readonly fill: number | null;
}

/** A predicted value: raw = output · std + mean. */
export interface OutputTarget {
  readonly name: string;
  readonly mean: number;
  readonly std: number;
}

/** What a tokenizer says of itself, and its files by name. */
export interface TextFacts {
  readonly vocabulary: number;
  readonly special: { readonly pad: number };
  readonly files: Readonly<Record<string, string>>;
}

/** A student in a lighter type. */
export interface LighterFile {
  readonly onnx: Uint8Array;
  /** Below the folder. */
  readonly path: string;
  /** What transformers.js calls the type. */
  readonly dtype: string;
  /** Its headline metric less that of the float32 file. */
  readonly change: number;
  readonly speedup: { readonly one: number };
}

/** An exported student and what whoever loads it has to know. */
export interface StudentFile {
  /** The file: preprocessing inside, inputs as its layout has them, output `logits`, any batch size. */
  readonly onnx: Uint8Array;
  /** Inputs of the file, where it has fewer than exported files usually have. */
  readonly inputs?: readonly string[] | undefined;
  /** The same student in lighter types. */
  readonly lighter: readonly LighterFile[];
  /** What the user calls it. */
  readonly name: string;
  /** Architecture, e.g. `resnet-8`. */
  readonly architecture: string;
  /** One example: [channels, height, width], [columns], or [2, longest] for tokens. */
  readonly shape: readonly number[];
  /** Class names in the order of the outputs; null where no class is predicted. */
  readonly classes: readonly string[] | null;
  /** Whether every token of a text has its own classes. */
  readonly perToken?: boolean;
  /** Values to predict; where there are neither classes nor these, the output is a vector. */
  readonly targets: readonly OutputTarget[];
  /** Of a table; empty for anything else. */
  readonly columns: readonly InputColumn[];
  /** Of texts; null for anything else. */
  readonly text: TextFacts | null;
  /** A sentence on how good it is, for its README. */
  readonly summary?: string;
}

/** Files by their path below the folder. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

export const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
