import type { Feeds, Provider, Runtime } from '../../runtime/port.ts';

/** What a lighter file is made from. */
export interface Subject {
  /** The student in float32, as it is delivered. */
  readonly file: Uint8Array;
  readonly runtime: Runtime;
  /** Batches of the train split, as the file is fed. */
  readonly calibration: () => Iterable<Feeds>;
}

/** A node that stayed as it was. */
export interface Kept {
  readonly node: string;
  readonly op: string;
  readonly reason: string;
}

/** A lighter file of the same student. */
export interface Made {
  readonly bytes: Uint8Array;
  /** How many nodes are computed in the lighter type. */
  readonly changed: number;
  readonly kept: readonly Kept[];
}

/** One type in which a student can be delivered beside float32. */
export interface Form<O> {
  readonly name: 'int8' | 'fp16';
  /** What transformers.js calls the type, and where it looks for the file. */
  readonly dtype: string;
  readonly path: string;
  /** Made for, and checked with, the kernels of this provider alone; absent: any. */
  readonly provider?: Provider;
  readonly make: (options: O, subject: Subject) => Promise<Made>;
}
