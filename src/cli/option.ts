import { nearest } from '../graph/nearest.ts';
import { UsageError } from './usage-error.ts';

/** One option of a command: how it looks in help, and how its value is read. */
export interface Option<T> {
  readonly summary: string;
  /** What stands for its value in help; null for a flag. */
  readonly placeholder: string | null;
  /** What holds without it, in words. */
  readonly fallback?: string;
  readonly short?: string;
  /** @param given Values in the order of the command line; flags give an empty text each. Throws UsageError. */
  read(given: readonly string[], name: string): T;
}

interface Words {
  readonly fallback?: string;
  readonly short?: string;
}

export const flag = (summary: string, words: Words = {}): Option<boolean> => ({
  summary,
  placeholder: null,
  ...words,
  read: (given) => given.length > 0,
});

export const text = (placeholder: string, summary: string, words: Words = {}): Option<string | undefined> => ({
  summary,
  placeholder,
  ...words,
  read: (given) => given.at(-1),
});

/** An option that may be given several times. */
export const list = (placeholder: string, summary: string, words: Words = {}): Option<readonly string[]> => ({
  summary,
  placeholder,
  ...words,
  read: (given) => given,
});

/** A whole number of at least 1. */
export const count = (placeholder: string, summary: string, words: Words = {}): Option<number | undefined> => ({
  summary,
  placeholder,
  ...words,
  read: (given, name) => (given.length === 0 ? undefined : readCount(given.at(-1)!, name)),
});

/** A number above zero. */
export const positive = (placeholder: string, summary: string, words: Words = {}): Option<number | undefined> => ({
  summary,
  placeholder,
  ...words,
  read(given, name) {
    const value = given.at(-1);
    if (value === undefined) return undefined;
    const n = Number(value);
    if (value.trim() !== '' && Number.isFinite(n) && n > 0) return n;
    throw new UsageError(`${name}: found '${value}'; expected a number above 0`);
  },
});

export const choice = <const T extends string>(
  choices: readonly T[],
  summary: string,
  words: Words = {},
): Option<T | undefined> => ({
  summary,
  placeholder: choices.join('|'),
  ...words,
  read(given, name) {
    const value = given.at(-1);
    if (value === undefined || choices.includes(value as T)) return value as T | undefined;
    throw new UsageError(
      `${name}: found '${value}'; expected ${choices.join(', ')}; did you mean ${nearest(value, choices, 1)[0]}?`,
    );
  },
});

/** `name=number`, several times. */
export const sizes = (placeholder: string, summary: string, words: Words = {}): Option<Readonly<Record<string, number>>> => ({
  summary,
  placeholder,
  ...words,
  read: (given, name) =>
    Object.fromEntries(
      given.map((pair) => {
        const at = pair.lastIndexOf('=');
        if (at < 1) throw new UsageError(`${name}: found '${pair}'; expected ${placeholder}, such as sequence=128`);
        return [pair.slice(0, at), readCount(pair.slice(at + 1), name)];
      }),
    ),
});

function readCount(value: string, name: string): number {
  const n = Number(value);
  if (value.trim() === '' || !Number.isSafeInteger(n) || n < 1) {
    throw new UsageError(`${name}: found '${value}'; expected a whole number of at least 1`);
  }
  return n;
}
