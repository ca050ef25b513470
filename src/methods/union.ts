import { z } from 'zod';

type SchemasOf<T extends readonly { readonly options: z.ZodObject }[]> = { -readonly [I in keyof T]: T[I]['options'] };

/** The options of a list of entries as one schema, told apart by the value of a key: the list is written once. */
export const unionOf = <T extends readonly [{ readonly options: z.ZodObject }, ...{ readonly options: z.ZodObject }[]]>(
  key: string,
  all: T,
) => z.discriminatedUnion(key, all.map((entry) => entry.options) as unknown as SchemasOf<T>);
