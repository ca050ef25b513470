/** A stream that text is written to; a terminal knows its width. */
export type Screen = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** The outside of the command line, so that a test can stand in for it. */
export interface Io {
  /** Results. */
  readonly stdout: Screen;
  /** Progress and errors. */
  readonly stderr: Screen;
  /** Milliseconds since some moment. */
  clock(): number;
  /** Calls back when the user asks to stop (Ctrl-C, SIGTERM); the result takes the listener away. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process at once. */
  leave(code: number): void;
}

export const line = (screen: Screen, text = ''): void => void screen.write(`${text}\n`);
