import { Writable } from 'node:stream';
import type { Io, Screen } from '../../src/cli/io.ts';
import { main } from '../../src/cli/main.ts';

/** A screen that keeps what is written to it. */
export function keptScreen(terminal?: { readonly columns: number }): Screen & { readonly text: () => string } {
  const parts: string[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      parts.push(String(chunk));
      done();
    },
  });
  return Object.assign(stream, { ...(terminal && { isTTY: true, ...terminal }), text: () => parts.join('') });
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
export async function potstill(argv: readonly string[], io: Partial<Io> = {}): Promise<Ran> {
  const [stdout, stderr] = [keptScreen(), keptScreen()];
  const code = await main(argv, {
    stdout,
    stderr,
    clock: () => performance.now(),
    onInterrupt: () => () => {},
    leave: () => {},
    ...io,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}
