import type { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import type { Signals } from '../define.ts';

/** What a teacher says after a repair. */
export interface Repaired {
  /** [B, K]. */
  readonly logits: Value;
  /** [B], 0 where the teacher is not to be listened to; absent: always. */
  readonly trusted?: Value;
}

/** A change of the teacher's answers before any loss sees them. */
export interface Repair<S extends z.ZodObject = z.ZodObject> {
  readonly repair: string;
  readonly summary: string;
  readonly paper: string;
  /** Whether it looks at the labels. */
  readonly labels: boolean;
  /** Strict object with `repair` among its keys. */
  readonly options: S;
  /** @param logits The teacher's, [B, K], after the repairs before this one. */
  readonly apply: (logits: Value, signals: Pick<Signals, 'target' | 'extras'>, options: z.infer<S>) => Repaired;
}

export const defineRepair = <S extends z.ZodObject>(repair: Repair<S>): Repair<S> => repair;
