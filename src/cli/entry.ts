import { z } from 'zod';

/** Something that a recipe can name. */
export interface Entry {
  readonly kind: string;
  readonly summary: string;
  readonly paper: string | null;
  /** What to expect of it. */
  readonly expect: string | null;
  /** What it needs of a run, in words. */
  readonly needs: string | null;
  readonly options: readonly EntryOption[];
}

export interface EntryOption {
  readonly name: string;
  /** `number`, `forward | reverse`, … */
  readonly type: string;
  readonly required: boolean;
  readonly fallback: unknown;
  readonly description: string | null;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** Options of a strict object of zod, in its order. */
export function optionsOf(schema: z.ZodType): readonly EntryOption[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  return Object.entries(properties).map(([name, option]) => ({
    name,
    type: typeWords(option),
    required: required.includes(name),
    fallback: option.default,
    description: option.description ?? null,
  }));
}

function typeWords({ type, enum: values, const: only, anyOf, oneOf, items, properties }: JsonSchema): string {
  const several = anyOf ?? oneOf;
  if (several) return [...new Set(several.map(typeWords))].join(' | ');
  if (values) return values.join(' | ');
  if (only !== undefined) return String(only);
  if (items) return `list of ${typeWords(items)}`;
  const key = properties && ['kind', 'map', 'schedule', 'by', 'repair'].find((k) => k in properties);
  if (key) return `{ ${key}: ${typeWords(properties[key]!)}, … }`;
  if (properties) return `{ ${Object.keys(properties).join(', ')} }`;
  return [type ?? 'any'].flat().join(' | ');
}
