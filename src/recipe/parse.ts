import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { nearest } from '../graph/nearest.ts';
import { needsOf } from '../methods/combine.ts';
import { noOffer } from '../methods/define.ts';
import { type LossOptions, lossSchema } from '../methods/index.ts';
import { fromShorthand, type Shorthand, shorthandSchema } from '../methods/shorthand.ts';
import { importedModel } from '../models/imported-options.ts';
import { RecipeError, type RecipeIssue } from './error.ts';
import { type Recipe, type RecipeInput, recipeSchema } from './recipe.ts';

type Issue = z.core.$ZodIssue;

/**
 * A recipe from data (an object from code, or parsed YAML or JSON), with all defaults filled in.
 * @throws RecipeError with every problem at once.
 */
export function parseRecipe(input: RecipeInput | unknown, where = 'recipe'): Recipe {
  const parsed = recipeSchema.safeParse(input);
  if (!parsed.success)
    throw new RecipeError(
      parsed.error.issues.flatMap((i) => inWords(i, input)),
      where,
    );
  const { losses, objective, seeds, ...rest } = parsed.data;
  const recipe: Recipe = {
    ...rest,
    ...(losses ? { losses } : { objective: objective ?? (rest.teacher && shorthandSchema.parse({})) }),
    seeds: typeof seeds === 'number' ? Array.from({ length: seeds }, (_, i) => i + 1) : seeds,
  };
  const learnt = losses ?? defaultLosses(rest.teacher !== undefined, objective);
  const problems = contradictions(recipe, learnt, losses !== undefined && objective !== undefined);
  if (problems.length > 0) throw new RecipeError(problems, where);
  return freeze(recipe);
}

/** A recipe from YAML text (JSON is YAML). @throws RecipeError */
export function parseRecipeText(text: string, where = 'recipe', overrides: readonly Override[] = []): Recipe {
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
  return parseRecipe(input, where);
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

/** What each key allows but their combination does not. */
function contradictions(recipe: Recipe, learnt: readonly LossOptions[], both: boolean): readonly RecipeIssue[] {
  const issues: RecipeIssue[] = [];
  if (both) issues.push({ path: 'objective', message: '`losses` is given too; expected one of the two' });
  const stages = recipe.stages.map(({ losses }, i) => ({ path: `stages.${i}.losses`, losses }));
  for (const { path, losses } of [...stages, { path: 'losses', losses: learnt }]) {
    losses.forEach((loss, i) => {
      if (recipe.teacher || needsOf({ losses: [loss] }, noOffer).teacher.length === 0) return;
      issues.push({
        path: `${path}.${i}`,
        message: `'${loss.kind}' needs a teacher, and the recipe has none; add \`teacher\` or leave the loss out`,
      });
    });
  }
  if (recipe.student.initialise && recipe.student.model.kind === importedModel.kind)
    issues.push({
      path: 'student.initialise',
      message: 'the weights of the file of student.model are the start; take one of the two out',
    });
  if (!recipe.teacher && recipe.repairs.length > 0)
    issues.push({ path: 'repairs', message: 'there is no teacher to repair; add `teacher` or leave them out' });
  if (learnt.every((l) => l.weight === 0)) issues.push({ path: 'losses', message: 'every weight is 0: nothing would be learnt' });
  const seeds = new Set(recipe.seeds);
  if (seeds.size < recipe.seeds.length)
    issues.push({ path: 'seeds', message: `found [${recipe.seeds.join(', ')}]; expected different seeds` });
  return issues;
}

/** One zod issue as sentences; a misspelt key names the keys that look like it. */
function inWords(issue: Issue, input: unknown): readonly RecipeIssue[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path, input);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return {
        path: path ? `${path}.${key}` : key,
        message: `unknown key${near.length > 0 ? `; did you mean ${near.map((n) => `\`${n}\``).join(', ')}?` : ''}`,
      };
    });
  }
  if (issue.code === 'invalid_union' && 'discriminator' in issue) {
    const found = at(input, issue.path);
    return [
      {
        path,
        message:
          found === undefined
            ? `missing; expected one of ${options(issue)}`
            : `found ${show(found)}; expected one of ${options(issue)}`,
      },
    ];
  }
  const found = at(input, issue.path);
  return [
    { path, message: found === undefined ? `missing; ${lower(issue.message)}` : `found ${show(found)}; ${lower(issue.message)}` },
  ];
}

const options = (issue: Issue): string =>
  'options' in issue && Array.isArray(issue.options) ? issue.options.map(String).join(', ') : 'the known kinds';
const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

const at = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (v, key) => (typeof v === 'object' && v !== null ? (v as Record<PropertyKey, unknown>)[key] : undefined),
    input,
  );

/** Keys that the schema allows at a path, found by asking it. */
function knownKeys(path: readonly PropertyKey[], input: unknown): readonly string[] {
  let schema: unknown = recipeSchema;
  for (const [i, key] of path.entries()) schema = descend(unwrap(schema, at(input, path.slice(0, i))), key);
  const shape = (unwrap(schema, at(input, path)) as { shape?: object } | undefined)?.shape;
  return shape ? Object.keys(shape) : [];
}

interface Def {
  readonly type: string;
  readonly innerType?: unknown;
  readonly options?: readonly unknown[];
  readonly discriminator?: string;
  readonly element?: unknown;
  readonly in?: unknown;
}
const defOf = (schema: unknown): Def | undefined => (schema as { _zod?: { def: Def } } | undefined)?._zod?.def;

/** Looks through defaults, optionals and unions, down to the schema that the value chose. */
function unwrap(schema: unknown, value: unknown): unknown {
  const def = defOf(schema);
  if (!def) return undefined;
  if (def.innerType) return unwrap(def.innerType, value);
  if (def.type === 'pipe') return unwrap(def.in, value);
  if (def.discriminator && def.options) {
    const kind = (value as Record<string, unknown> | undefined)?.[def.discriminator];
    return def.options.find(
      (o) =>
        (unwrap(o, value) as { shape?: Record<string, { safeParse(v: unknown): { success: boolean } }> })?.shape?.[
          def.discriminator!
        ]?.safeParse(kind).success,
    );
  }
  return schema;
}

const descend = (schema: unknown, key: PropertyKey): unknown =>
  typeof key === 'number'
    ? defOf(schema)?.element
    : (schema as { shape?: Record<PropertyKey, unknown> } | undefined)?.shape?.[key];

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const v of Object.values(value)) freeze(v);
  }
  return value;
}
