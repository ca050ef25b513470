import type { z } from 'zod';
import { nearest } from '../graph/nearest.ts';
import type { RecipeIssue } from './error.ts';

type Issue = z.core.$ZodIssue;

/** One zod issue as sentences; a misspelt key names the keys that look like it. */
export function inWords(issue: Issue, input: unknown, schema: z.ZodType): readonly RecipeIssue[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path, input);
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
function knownKeys(root: z.ZodType, path: readonly PropertyKey[], input: unknown): readonly string[] {
  let schema: unknown = root;
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
