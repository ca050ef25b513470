import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { demoRecipe } from '../../src/cli/demo-recipe.ts';
import { parseRecipe } from '../../src/recipe/parse.ts';
import { potstill } from './stand-in.ts';

interface Schema {
  readonly $id?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: unknown;
  readonly description?: string;
  readonly required?: readonly string[];
}

describe('the schema of recipes', async () => {
  const { code, stdout } = await potstill(['schema']);
  const schema = JSON.parse(stdout) as Schema;
  const reader = z.fromJSONSchema(schema as never);

  it('is JSON Schema with an id', () => {
    expect(code).toBe(0);
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: expect.any(String),
      type: 'object',
    });
  });

  it('asks for no more than a recipe needs', () => {
    expect(schema.required).toEqual(['data', 'student']);
  });

  it('takes what the parser takes and refuses a misspelt key', () => {
    expect(reader.safeParse(demoRecipe).error).toBeUndefined();
    expect(reader.safeParse({ ...demoRecipe, teachr: {} }).success).toBe(false);
    expect(reader.safeParse({ ...demoRecipe, training: { epocs: 3 } }).success).toBe(false);
    expect(reader.safeParse({ student: demoRecipe.student }).success).toBe(false);
  });

  it('allows no key that it does not know, anywhere, and says what the keys of a recipe mean', () => {
    const open: string[] = [];
    const walk = (s: Schema, path: string): void => {
      if (s.properties && s.additionalProperties !== false) open.push(path);
      for (const [name, p] of Object.entries(s.properties ?? {})) walk(p, `${path}.${name}`);
      for (const p of [...(s.oneOf ?? []), ...(s.anyOf ?? []), ...(s.items ? [s.items] : [])]) walk(p, path);
    };
    walk(schema, 'recipe');
    expect(open).toEqual([]);
    const silent = Object.entries(schema.properties!).filter(([, p]) => !p.description);
    expect(silent).toEqual([]);
  });

  it('is of the recipe that the demo runs', () => {
    expect(parseRecipe(demoRecipe).name).toBe('demo');
  });
});
