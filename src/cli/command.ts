import { parseArgs } from 'node:util';
import { nearest } from '../graph/nearest.ts';
import type { Io } from './io.ts';
import { flag, type Option } from './option.ts';
import { UsageError } from './usage-error.ts';

/** A word that a command takes by its place. */
export interface Parameter {
  readonly name: string;
  readonly summary: string;
  readonly optional?: boolean;
}

export interface Example {
  readonly line: string;
  readonly what: string;
}

type Values<Options> = { readonly [K in keyof Options]: Options[K] extends Option<infer T> ? T : never };

/** What a command line came to. */
export interface Invocation<Options> {
  /** In the order of `parameters`; an optional one may be missing. */
  readonly words: readonly string[];
  readonly options: Values<Options>;
  /** The command line after `potstill`. */
  readonly argv: readonly string[];
}

/** One command: its words for help, what it takes, and what it does. */
export interface Command<Options extends Record<string, Option<unknown>> = Record<string, Option<unknown>>> {
  readonly name: string;
  /** What it does, in paragraphs. */
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly options: Options;
  readonly examples: readonly Example[];
  /** @returns the exit code. */
  run(invocation: Invocation<Options>, io: Io): Promise<number>;
}

/** A command as the list of commands holds it. */
export type AnyCommand = Omit<Command, 'run'> & { run(invocation: never, io: Io): Promise<number> };

export const defineCommand = <Options extends Record<string, Option<unknown>>>(command: Command<Options>): AnyCommand =>
  command as unknown as AnyCommand;

export const helpOption = flag('Show this help', { short: 'h' });

/** Reads the words after the name of a command. @throws UsageError for what the command does not take. */
export function parseInvocation(command: AnyCommand, rest: readonly string[]): Invocation<Record<string, Option<unknown>>> {
  const known: Record<string, Option<unknown>> = { ...command.options, help: helpOption };
  const { tokens } = parseArgs({
    args: [...rest],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(known).map(([name, { placeholder, short }]) => [
        name,
        { type: placeholder === null ? 'boolean' : 'string', ...(short && { short }) } as const,
      ]),
    ),
  });
  const words: string[] = [];
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(known, token.name) ? known[token.name]! : refuse(command, token.rawName, known);
    const value = givenValue(token, option);
    given.set(token.name, [...(given.get(token.name) ?? []), value]);
  }
  const most = command.parameters.length;
  if (words.length > most) {
    throw new UsageError(
      `unexpected '${words[most]}'; expected ${most === 0 ? 'no further words' : `only ${command.parameters.map((p) => p.name).join(' ')}`}`,
    );
  }
  const missing = command.parameters.find((p, i) => !p.optional && i >= words.length);
  if (missing) throw new UsageError(`${missing.name} is missing; expected ${lower(missing.summary)}`);
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, option]) => [name, option.read(given.get(name) ?? [], `--${name}`)]),
  );
  return { words, options, argv: [command.name, ...rest] };
}

interface OptionToken {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function givenValue({ rawName, value, inlineValue }: OptionToken, { placeholder }: Option<unknown>): string {
  if (placeholder === null) {
    if (inlineValue) throw new UsageError(`${rawName}: found the value '${value}'; expected none`);
    return '';
  }
  // `--out --json` is a forgotten value far more often than a folder called --json.
  const forgotten = value === undefined || (!inlineValue && /^--?[a-z]/i.test(value));
  if (forgotten) {
    throw new UsageError(
      `${rawName}: found ${value === undefined ? 'nothing after it' : `'${value}'`}; expected <${placeholder}>`,
    );
  }
  return value;
}

function refuse(command: AnyCommand, rawName: string, known: Readonly<Record<string, unknown>>): never {
  const names = Object.keys(known).map((name) => `--${name}`);
  throw new UsageError(
    `unknown option ${rawName}; did you mean ${nearest(rawName, names, 1)[0]}? ('potstill ${command.name} --help' lists them)`,
  );
}

const lower = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);
