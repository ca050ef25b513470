import type { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import type { Extras } from '../define.ts';

/** How many layers either side has. */
export interface Counts {
  readonly student: number;
  readonly teacher: number;
}

/** Numbers of a student layer and of the teacher layer that it is compared with, from 0. */
export type Pair = readonly [student: number, teacher: number];

/** All pairs of S student and T teacher layers, compared. */
export interface Compared {
  /** The layers of the student, S values [B, …]. */
  readonly student: readonly Value[];
  /** The layers of the teacher, T values [B, …]. */
  readonly teacher: readonly Value[];
  /** [B, S, T]. */
  readonly distances: Value;
  readonly extras: Extras;
}

/** A rule for which layers of the student are compared with which of the teacher. */
export interface LayerMap<S extends z.ZodObject = z.ZodObject> {
  /** One sentence. */
  readonly summary: string;
  /** Strict object: `map`, and its own options, all with a default. */
  readonly options: S;
  /** The pairs; layers without a partner are left out. */
  readonly pairs: (counts: Counts, options: z.infer<S>) => readonly Pair[];
  /** Joins the distances of all pairs to one number per example, [B]; absent: their mean. Then `pairs` must give all of them. */
  readonly join?: (compared: Compared, options: z.infer<S>) => Value;
}

export const defineMap = <S extends z.ZodObject>(map: LayerMap<S>): LayerMap<S> => map;

/** 0, 1, … n − 1. */
export const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** Every student layer with every teacher layer, the teacher's running faster. */
export const everyPair = ({ student, teacher }: Counts): readonly Pair[] =>
  upTo(student).flatMap((s) => upTo(teacher).map((t): Pair => [s, t]));
