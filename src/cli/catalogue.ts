import { z } from 'zod';
import { augmentations } from '../data/augmentations.ts';
import { sources } from '../data/sources.ts';
import { methods } from '../methods/index.ts';
import { architectures } from '../models/architectures/list.ts';
import { optimizers } from '../optim/presets.ts';

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

export interface Topic {
  readonly name: string;
  /** Where in a recipe its entries are named. */
  readonly where: string;
  readonly entries: readonly Entry[];
}

/** What entries have in common, and what only some of them say. */
interface Source {
  readonly kind: string;
  readonly summary: string;
  readonly paper?: string;
  readonly expect?: string;
  readonly tasks?: readonly string[];
  readonly options: unknown;
  needs?(options: never): { readonly teacher: readonly string[]; readonly student: readonly string[]; readonly labels: boolean };
}

/** Everything that a recipe can name, from the lists that make the recipe's schema. */
export const catalogue = (): readonly Topic[] => [
  { name: 'methods', where: 'losses: [{ kind: … }]', entries: methods.map(entry) },
  { name: 'models', where: 'student.model, teacher.model: { kind: … }', entries: architectures.map(entry) },
  { name: 'optimizers', where: 'training.optimizer: { kind: … }', entries: optimizers.map(entry) },
  { name: 'data', where: 'data: { kind: … }', entries: sources.map(entry) },
  { name: 'augmentations', where: 'training.augment: [{ kind: … }]', entries: augmentations.map(entry) },
];

function entry(source: Source): Entry {
  const { kind, summary, paper = null, expect = null } = source;
  return { kind, summary, paper, expect, needs: needsOf(source), options: optionsOf(source.options as z.ZodType) };
}

function needsOf({ kind, options, needs, tasks }: Source): string | null {
  const usual = (options as z.ZodType).safeParse({ kind });
  const of = usual.success && needs?.(usual.data as never);
  if (!of) return null;
  const parts = [
    ...(of.teacher.length > 0 ? [`${of.teacher.join(', ')} of a teacher`] : []),
    ...(of.student.length > 0 ? [`${of.student.join(', ')} of the student`] : []),
    ...(of.labels ? ['labels'] : []),
  ];
  return [parts.join(', '), ...(tasks ? [`for ${tasks.join(' and ')}`] : [])].join('; ');
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

function optionsOf(schema: z.ZodType): readonly EntryOption[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  return Object.entries(properties)
    .filter(([name]) => name !== 'kind')
    .map(([name, option]) => ({
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
  if (properties?.kind) return `{ kind: ${typeWords(properties.kind)}, … }`;
  if (properties) return `{ ${Object.keys(properties).join(', ')} }`;
  return [type ?? 'any'].flat().join(' | ');
}
