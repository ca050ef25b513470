import type { Emit } from '../../run/events.ts';

/** Something that shows a run while it goes on. */
export interface Display {
  readonly emit: Emit;
  /** Puts the screen in order; also after an error. */
  close(): void;
}
