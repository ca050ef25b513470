import type { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import type { Host } from '../host.ts';
import type { Metadata } from '../metadata/metadata.ts';
import type { SoftTokens } from '../soft/define.ts';
import type { TeacherFacts } from '../teacher/facts.ts';

/** What a prior is a judgement of. */
export interface Scene {
  /** The synthetic batch, [B, …example]. */
  readonly view: Value;
  /** The tokens of the batch as distributions; undefined or absent where they are none. */
  readonly soft?: SoftTokens | undefined;
  /** What the teacher makes of it, by role or tensor name, [B, …]: `logits`, and what `taps` asked for. Its weights are constants. */
  readonly teacher: ReadonlyMap<string, Value>;
  /** What the student makes of it; its weights are fixed here. Null unless `student` asked for it. */
  readonly student: ReadonlyMap<string, Value> | null;
  /** The class that each example was made for, one-hot [B, K]; undefined where it was made for none. */
  readonly classes: Value | undefined;
  /** What can be read off the teacher itself. */
  readonly facts: TeacherFacts;
  /** What the teacher makes of another view, such as a changed copy of the batch. */
  ask(view: Value): Promise<ReadonlyMap<string, Value>>;
  /** Statistics that were collected where the data is; undefined where the recipe names no file of them. */
  readonly metadata: Metadata | undefined;
  /** Some real examples, new in each step, [B, …example]; undefined where there are none. */
  readonly real: (() => Value) | undefined;
}

type PriorSchema<Kind extends string, Shape extends z.ZodRawShape> = z.ZodObject<
  Shape & { kind: z.ZodLiteral<Kind>; weight: z.ZodDefault<z.ZodNumber> },
  z.core.$strict
>;

/** What can be expected of an example that nobody has seen: options, words for people, and a number that is to be small. */
export interface Prior<Kind extends string = string, Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly kind: Kind;
  /** One sentence for help and docs. */
  readonly summary: string;
  readonly paper: string;
  /** What it wants of the teacher or of the recipe beside answers, as words behind “needs”; nothing unless told. */
  readonly needs?: string;
  /** `kind`, `weight`, and its own. */
  readonly options: PriorSchema<Kind, Shape>;
  /** Names of what it wants of the teacher beside `logits`, out of what is offered; none unless told. */
  taps?(
    options: z.output<PriorSchema<Kind, Shape>>,
    offered: ReadonlyMap<string, readonly (number | string)[]>,
  ): readonly string[];
  /** Whether it compares with the student. */
  readonly student?: true;
  /**
   * @returns rank 0, before its weight; a mean over the examples.
   * @throws SynthesisError where the teacher or the data lack what it needs; the message says what else would do.
   */
  loss(options: z.output<PriorSchema<Kind, Shape>>, scene: Scene, host: Host): Value | Promise<Value>;
}

export const definePrior = <Kind extends string, Shape extends z.ZodRawShape>(prior: Prior<Kind, Shape>): Prior<Kind, Shape> =>
  prior;
