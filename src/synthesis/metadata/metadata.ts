/** Moments of the numbers that a layer gives, over examples. */
export interface Moments {
  /** Examples that they were taken over, at least 2. */
  readonly count: number;
  /** [D] */
  readonly mean: Float32Array;
  /** Standard deviations, [D]; like covariances with one less than `count` below. */
  readonly std: Float32Array;
  /** [D, D], row after row; null where the layer is too large for one. */
  readonly covariance: Float32Array | null;
}

/** Moments of numbers of one kind, of all examples and by class. */
export interface GroupedMoments {
  /** Of all examples but those of `leftOut`. */
  readonly all: Moments;
  /** By class; null for a class with too few examples. Empty where nothing was recorded by class. */
  readonly byClass: readonly (Moments | null)[];
}

export interface LayerMoments extends GroupedMoments {
  /** Role or tensor name, as the teacher offers it. */
  readonly tap: string;
  /** Of one example. */
  readonly shape: readonly number[];
  /** Whether no number of any example was below 0, as behind a ReLU; one bit of the whole layer. */
  readonly nonNegative: boolean;
}

/** Moments of two layers side by side, with covariances between their numbers. */
export interface PairMoments extends GroupedMoments {
  readonly taps: readonly [string, string];
}

/** Where classes of examples came from: labels of the data, or the teacher where there was none. */
export type ClassesFrom = 'labels' | 'teacher' | 'labels and teacher';

/** What a teacher's owner can give away about its training data without giving any of it: Lopes et al. 2017 (arXiv 1710.07535) §3. */
export interface Metadata {
  readonly teacher: string;
  readonly data: string;
  /** Names of the classes; none where nothing was recorded by class. */
  readonly classes: readonly string[];
  /** Null where nothing was recorded by class. */
  readonly classesFrom: ClassesFrom | null;
  /** Examples that a group must have to be recorded. */
  readonly atLeast: number;
  /** Examples that are in no statistic, since they are too few for one of their own. */
  readonly leftOut: number;
  /** From the first layer to the logits. */
  readonly layers: readonly LayerMoments[];
  /** Neighbours in `layers`; none unless asked for. */
  readonly pairs: readonly PairMoments[];
}
