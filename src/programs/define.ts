import type { z } from 'zod';
import type { Splits } from '../data/split.ts';
import type { RecipeIssue } from '../recipe/error.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { RunRecord } from '../run/record.ts';
import type { RunOptions, Workplace } from '../run/workplace.ts';
import type { Findings } from './record.ts';

export interface PartOptions extends Pick<RunOptions, 'start'> {
  readonly delivers?: boolean;
}

/** What a program works with. */
export interface Workshop {
  /** The rest of the recipe: data, student, teacher, training, seeds. */
  readonly recipe: Recipe;
  /**
   * A whole run as a part of the program, in a folder of its own; one that is finished is read, one that was interrupted goes on.
   * @param name Of the part, unique, such as `seed-1/generation-2`.
   * @param options `delivers`: its student is what the user deploys, so lighter files are made of it too, as the recipe says;
   * `start`: tensors that its students start from instead of what the recipe says.
   */
  run(name: string, recipe: Recipe, options?: PartOptions): Promise<RunRecord>;
  /** Where a part is, as recipes name it: `teacher: { kind: 'run', run: at('seed-1/generation-1') }`. */
  at(name: string): string;
  /**
   * Data, model and a place for trainings of the program's own, in a folder of its own.
   * @param name Of the part, unique.
   */
  open(name: string, recipe: Recipe): Promise<Workplace>;
  /**
   * A value that is made once and then read: what was remembered survives an interruption.
   * @param name Of a file, unique, without extension.
   */
  remember<T>(name: string, make: () => Promise<T>): Promise<T>;
  /**
   * Keeps a picture beside the results; one of the same name is replaced.
   * @param name Of a PNG file, unique, without extension, such as `by-class/3`.
   * @returns where it is, from the program's folder.
   */
  keepPicture(name: string, png: Uint8Array): Promise<string>;
  /** Says once what a reader should know. */
  note(text: string): void;
  /** How far the program is, in its own words. */
  progress(what: string, done: number, total: number): void;
  /** The data of a recipe; opened once for all parts that have the same. */
  openData(data: Recipe['data']): Promise<Splits>;
  /** What everything that opens data and models is given. */
  readonly options: Omit<RunOptions, 'directory' | 'resume' | 'force'>;
}

/** A program: options, words for people, and an ordinary function over runs. */
export interface Program<Kind extends string = string, Shape extends z.ZodRawShape = z.ZodRawShape> {
  readonly kind: Kind;
  /** One sentence for help and docs. */
  readonly summary: string;
  readonly paper: string;
  /** What to expect of it. */
  readonly expect: string;
  /** Whether it brings the student its teachers: losses may then ask one that the recipe does not name. */
  readonly teaches: boolean;
  /** Whether it makes examples up, so that data without any will do; not unless told. */
  readonly withoutExamples?: true;
  /** It says what students learn where the recipe does not. */
  readonly ownLosses?: true;
  readonly options: ProgramSchema<Kind, Shape>;
  /** What the rest of the recipe has to be, beyond its schema; nothing unless told. */
  check?(options: z.output<ProgramSchema<Kind, Shape>>, recipe: Recipe): readonly RecipeIssue[];
  run(options: z.output<ProgramSchema<Kind, Shape>>, workshop: Workshop): Promise<Findings>;
}

type ProgramSchema<Kind extends string, Shape extends z.ZodRawShape> = z.ZodObject<
  Shape & { kind: z.ZodLiteral<Kind> },
  z.core.$strict
>;

export const defineProgram = <Kind extends string, Shape extends z.ZodRawShape>(
  program: Program<Kind, Shape>,
): Program<Kind, Shape> => program;

/** A problem of a program with a key of the rest of its recipe. */
export const issue = (path: string, message: string): RecipeIssue => ({ path, message });

/** Nothing where the teacher's weights are at hand. @param why What they are for. */
export const needsOwnTeacher = ({ teacher }: Recipe, why: string): readonly RecipeIssue[] =>
  teacher?.kind === 'train' || teacher?.kind === 'run'
    ? []
    : [issue('teacher', `found ${teacher ? `kind ${teacher.kind}` : 'none'}; expected kind train or run, since ${why}`)];
