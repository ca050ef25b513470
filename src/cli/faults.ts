/** Exit codes; `potstill --help` lists them for people. */
export const exit = { good: 0, user: 2, environment: 3, internal: 70, stopped: 130 } as const;

export type Fault = 'user' | 'environment' | 'internal' | 'stopped';

export interface Explained {
  readonly fault: Fault;
  readonly code: number;
  /** For people; with the stack where the fault is ours. */
  readonly text: string;
  /** Without the stack. */
  readonly message: string;
  /** Single problems, where the error has several. */
  readonly issues: readonly unknown[];
}

/** What typed errors say of themselves, and what it means here. */
const faults: Readonly<Record<string, 'user' | 'environment' | 'stopped'>> = {
  user: 'user',
  data: 'user',
  environment: 'environment',
  stopped: 'stopped',
};

/** How messages begin that only a defect of ours can cause. */
const oursPrefix = 'internal: ';

interface Typed {
  readonly fault?: unknown;
  readonly issues?: unknown;
  readonly syscall?: unknown;
}

/** Whose fault an error is, the exit code, and the words. */
export function explain(error: unknown): Explained {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const typed = error as Typed | null | undefined;
  const issues = Array.isArray(typed?.issues) ? (typed.issues as readonly unknown[]) : [];
  const fault = message.startsWith(oursPrefix) ? 'internal' : faultOf(typed);
  if (fault === 'internal') {
    const own = message.startsWith(oursPrefix) ? message : `${oursPrefix}${message}`;
    const places = (stack ?? '').split('\n').filter((l) => /^\s+at /.test(l));
    const text = [own, ...places, 'This is a defect of Potstill; please report it with the text above and the recipe.'].join(
      '\n',
    );
    return { fault, code: exit.internal, text, message: own, issues };
  }
  const text = fault === 'stopped' ? message : `error: ${message.replaceAll('\n', '\n       ')}`;
  return { fault, code: exit[fault], text, message, issues };
}

function faultOf(error: Typed | null | undefined): Fault {
  const said = typeof error?.fault === 'string' && Object.hasOwn(faults, error.fault) ? faults[error.fault] : undefined;
  // Node's own errors of files and sockets name the call that failed.
  return said ?? (typeof error?.syscall === 'string' ? 'environment' : 'internal');
}
