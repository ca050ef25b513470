import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { needsOf } from '../methods/combine.ts';
import { noOffer } from '../methods/define.ts';
import { type LossOptions, lossSchema } from '../methods/index.ts';
import { fromShorthand, type Shorthand, shorthandSchema } from '../methods/shorthand.ts';
import { importedModel } from '../models/imported-options.ts';
import { RecipeError, type RecipeIssue } from './error.ts';
import { inWords } from './issues.ts';
import { type Recipe, type RecipeInput, recipeSchema } from './recipe.ts';

/**
 * A recipe from data (an object from code, or parsed YAML or JSON), with all defaults filled in.
 * @throws RecipeError with every problem at once.
 */
export const parseRecipe = (input: RecipeInput | unknown, where = 'recipe'): Recipe =>
  completed(parseAs(recipeSchema, input, where), where);

/** Data as a schema says. @throws RecipeError with every problem at once. */
export function parseAs<S extends z.ZodType>(schema: S, input: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new RecipeError(
    parsed.error.issues.flatMap((i) => inWords(i, input, schema)),
    where,
  );
}

/**
 * A recipe out of what its schema gave.
 * @param taught Whether the student gets teachers that the recipe does not name.
 * @param ownLosses Whether what goes over the recipe has losses of its own where the recipe names none.
 * @throws RecipeError for what each key allows but their combination does not.
 */
export function completed(
  { losses, objective, seeds, ...rest }: z.output<typeof recipeSchema>,
  where: string,
  { taught = false, ownLosses = false }: { readonly taught?: boolean; readonly ownLosses?: boolean } = {},
): Recipe {
  const recipe: Recipe = {
    ...rest,
    ...(losses ? { losses } : { objective: objective ?? (rest.teacher && !ownLosses ? shorthandSchema.parse({}) : undefined) }),
    seeds: typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds,
  };
  const learnt = losses ?? defaultLosses(rest.teacher !== undefined, objective);
  const hasTeacher = taught || rest.teacher !== undefined;
  const problems = contradictions(recipe, learnt, losses !== undefined && objective !== undefined, hasTeacher);
  if (problems.length > 0) throw new RecipeError(problems, where);
  return freeze(recipe);
}

/** A recipe from YAML text (JSON is YAML). @throws RecipeError */
export const parseRecipeText = (text: string, where = 'recipe', overrides: readonly Override[] = []): Recipe =>
  parseRecipe(readText(text, where, overrides), where);

/** The data of YAML text, with changes. @throws RecipeError */
export function readText(text: string, where: string, overrides: readonly Override[]): Readonly<Record<string, unknown>> {
  const document = parseDocument(text);
  if (document.errors.length > 0)
    throw new RecipeError(
      document.errors.map((e) => ({ path: '', message: e.message.split('\n')[0]! })),
      where,
    );
  const input = document.toJS({ maxAliasCount: 100 }) as unknown;
  if (typeof input !== 'object' || input === null) {
    throw new RecipeError(
      [{ path: '', message: 'found no keys; expected a recipe with at least `data` and `student` (see `potstill schema`)' }],
      where,
    );
  }
  for (const { path, value } of overrides) assign(input as Record<string, unknown>, path, value, where);
  return input as Record<string, unknown>;
}

/** `--set path=value`. */
export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** @param text `training.epochs=5`; the value is YAML. */
export function parseOverride(text: string): Override {
  const at = text.indexOf('=');
  if (at < 1)
    throw new RecipeError([{ path: '', message: `found '${text}'; expected path=value, such as training.epochs=5` }], '--set');
  const value = parseDocument(text.slice(at + 1));
  if (value.errors.length > 0)
    throw new RecipeError([{ path: text.slice(0, at), message: value.errors[0]!.message.split('\n')[0]! }], '--set');
  return { path: text.slice(0, at).split('.'), value: value.toJS() as unknown };
}

function assign(into: Record<string, unknown>, path: readonly string[], value: unknown, where: string): void {
  let at = into;
  for (const [i, key] of path.entries()) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
      throw new RecipeError([{ path: path.join('.'), message: `'${key}' is not a key of a recipe` }], where);
    }
    if (i === path.length - 1) at[key] = value;
    else {
      const next = at[key] ?? {};
      if (typeof next !== 'object') {
        throw new RecipeError(
          [{ path: path.join('.'), message: `'${path.slice(0, i + 1).join('.')}' is a ${typeof next}, and has no keys to set` }],
          where,
        );
      }
      at[key] = next;
      at = next as Record<string, unknown>;
    }
  }
}

/** What is learnt when the recipe does not say: soft targets and labels where there is a teacher, else labels alone. */
function defaultLosses(hasTeacher: boolean, objective: Shorthand | undefined): readonly LossOptions[] {
  if (objective) return fromShorthand(objective);
  return hasTeacher ? fromShorthand(shorthandSchema.parse({})) : [lossSchema.parse({ kind: 'labels' })];
}

/** Whether the teacher is a file that this run trains first, and the student starts from it. */
const trainsFile = ({ teacher, student }: Recipe): boolean =>
  teacher?.kind === 'train' && teacher.model.kind === importedModel.kind && student.initialise?.from === 'teacher';

/** What each key allows but their combination does not. */
function contradictions(
  recipe: Recipe,
  learnt: readonly LossOptions[],
  both: boolean,
  hasTeacher: boolean,
): readonly RecipeIssue[] {
  const issues: RecipeIssue[] = [];
  if (both) issues.push({ path: 'objective', message: '`losses` is given too; expected one of the two' });
  const stages = recipe.stages.map(({ losses }, i) => ({ path: `stages.${i}.losses`, losses }));
  for (const { path, losses } of [...stages, { path: 'losses', losses: learnt }]) {
    losses.forEach((loss, i) => {
      if (hasTeacher || needsOf({ losses: [loss] }, noOffer).teacher.length === 0) return;
      issues.push({
        path: `${path}.${i}`,
        message: `'${loss.kind}' needs a teacher, and the recipe has none; add \`teacher\` or leave the loss out`,
      });
    });
  }
  if (recipe.student.initialise && recipe.student.model.kind === importedModel.kind && !trainsFile(recipe))
    issues.push({
      path: 'student.initialise',
      message:
        'the weights of the file of student.model are the start, unless a teacher is trained from that file first; take one of the two out',
    });
  if (!hasTeacher && recipe.repairs.length > 0)
    issues.push({ path: 'repairs', message: 'there is no teacher to repair; add `teacher` or leave them out' });
  if (learnt.every((l) => l.weight === 0)) issues.push({ path: 'losses', message: 'every weight is 0: nothing would be learnt' });
  const seeds = new Set(recipe.seeds);
  if (seeds.size < recipe.seeds.length)
    issues.push({ path: 'seeds', message: `found [${recipe.seeds.join(', ')}]; expected different seeds` });
  return issues;
}

/** Makes a value read-only, down to its leaves. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const v of Object.values(value)) freeze(v);
  }
  return value;
}
