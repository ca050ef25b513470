import type { Results, Spread } from '../run/record.ts';

/**
 * What a program leaves behind, as plain JSON (`results.json`): sentences, tables and charts that any reader can draw without knowing
 * the program.
 */
export interface ProgramResults {
  readonly version: 1;
  readonly potstill: string;
  /** The kind of program. */
  readonly program: string;
  readonly name: string;
  /** What came of it, in one plain sentence. */
  readonly sentence: string;
  /** The figures of the first screen. */
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  /** Examples that were made up, where there are any. */
  readonly galleries?: readonly Gallery[];
  /** What a reader should know. */
  readonly notes: readonly string[];
  /** Runs it was made of. */
  readonly parts: readonly ProgramPart[];
  /** Name of the data, and the sizes of its splits. */
  readonly data: { readonly name: string; readonly train: number; readonly validation: number; readonly test: number } | null;
  readonly environment: Results['environment'];
  /** Wall-clock seconds of all sittings together. */
  readonly seconds: number;
}

/** How a number is written: a share as percent, a count with a prefix, bytes, a plain number, a number of points of percent. */
export type Unit = 'percent' | 'points' | 'count' | 'bytes' | 'number' | 'times' | 'seconds';

/** A number alone, a number with its spread, words, or nothing where nothing was measured. */
export type Cell = number | Spread | string | null;

export interface Figure {
  readonly value: Cell;
  readonly unit: Unit;
  readonly words: string;
}

export interface Table {
  readonly title: string;
  /** What to know when reading it. */
  readonly note?: string;
  /** The first column holds the names of the rows. */
  readonly columns: readonly { readonly title: string; readonly unit: Unit }[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly Cell[]; readonly control?: boolean }[];
}

export interface Axis {
  readonly label: string;
  readonly unit: Unit;
  readonly scale?: 'linear' | 'log';
}

/** Lines over a quantity; `spread` is the standard deviation over seeds. */
export interface Chart {
  readonly title: string;
  readonly note?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly spread: number | null }[];
  /** A control is drawn dashed with hollow marks, a fitted curve dotted without any. */
  readonly style?: 'measured' | 'control' | 'fit';
}

/** Examples to look at, row by row. */
export interface Gallery {
  readonly title: string;
  /** What to know when looking at it, such as what stands below each. */
  readonly note?: string;
  readonly rows: readonly GalleryRow[];
}

/** Examples that belong together: of a class, or of a moment. */
export interface GalleryRow {
  readonly name: string;
  /** null: there are none. */
  readonly shown: Shown | null;
}

/** Examples with a caption each; there are as many captions as examples. */
export type Shown =
  | {
      readonly kind: 'pictures';
      /** A PNG with all of them side by side, from the program's folder. */
      readonly sheet: string;
      /** Pixels of one of them. */
      readonly width: number;
      readonly height: number;
      readonly captions: readonly string[];
    }
  | {
      readonly kind: 'values';
      readonly columns: readonly string[];
      /** By example, one a column. */
      readonly values: readonly (readonly (string | number)[])[];
      readonly captions: readonly string[];
    }
  | { readonly kind: 'texts'; readonly texts: readonly string[]; readonly captions: readonly string[] };

export interface ProgramPart {
  readonly name: string;
  /** Where it is, from the program's folder. */
  readonly path: string;
  /** Its own verdict or result in a sentence. */
  readonly sentence: string;
}

/** What a program found; the rest of its results is the same for all. */
export type Findings = Pick<ProgramResults, 'sentence' | 'figures' | 'tables' | 'charts' | 'galleries'>;
