import type { Value } from '../graph/graph.ts';
import { type Shape, showShape } from '../graph/type.ts';
import { add, cast, mul, sub } from '../ops/elementwise.ts';
import { cumSum } from '../ops/movement.ts';
import { ModelError } from './error.ts';
import type { NamedTensor } from './named-tensor.ts';
import { tokensOf } from './tokens.ts';

/** What an input of a text model can be fed with. */
const parts = {
  /** Ids of the tokens. */
  ids: { names: /input_?ids|^(input|token|word)s?(_?ids?)?$|^ids$/i, of: (t) => t.ids },
  /** 1 for tokens, 0 for padding. */
  mask: { names: /mask/i, of: (t) => t.mask },
  /** 0 and 1 by which text of an example a token is of. */
  types: { names: /type|segment/i, of: (t) => t.types },
  /** 0, 1, … along each text. */
  positions: { names: /position/i, of: (t) => sub(cumSum(add(mul(t.ids, 0), 1), 1), 1) },
} as const satisfies Record<string, { readonly names: RegExp; of(t: ReturnType<typeof tokensOf>): Value }>;

export type TextPart = keyof typeof parts;
export const textParts = Object.keys(parts) as [TextPart, ...TextPart[]];

/** What each input of a model is fed with, by its name. */
export type TextInputs = ReadonlyMap<string, TextPart>;

/**
 * Finds out what the inputs of a model for tokens are, by their names; the only input of all takes the ids.
 *
 * @param given What the user says of some of them.
 * @throws ModelError `bad-option` for an input that nothing is known of, and for two with the ids.
 */
export function textInputs(
  inputs: readonly NamedTensor[],
  source: string,
  given: Readonly<Record<string, TextPart>> = {},
): TextInputs {
  const strange = Object.keys(given).find((name) => !inputs.some((v) => v.name === name));
  const listed = inputs.map((v) => `${v.name} ${showShape(v.shape)}`).join(', ');
  if (strange !== undefined) {
    throw new ModelError('bad-option', `inputs: ${source} has no input '${strange}'; it has ${listed}`);
  }
  const found = new Map(
    inputs.map(({ name }): [string, TextPart | undefined] => {
      const byName = textParts.find((part) => parts[part].names.test(name));
      return [name, given[name] ?? byName ?? (inputs.length === 1 ? 'ids' : undefined)];
    }),
  );
  const unknown = [...found].flatMap(([name, part]) => (part ? [] : [name]));
  const ids = [...found.values()].filter((part) => part === 'ids').length;
  if (unknown.length > 0 || ids !== 1) {
    const what = unknown.length > 0 ? `the input '${unknown[0]}' is not known` : `${ids} of its inputs look like token ids`;
    throw new ModelError(
      'bad-option',
      `inputs: ${source} has the inputs ${listed}, and ${what}; expected one with token ids, and others with masks, types or positions; ` +
        `say which is which with inputs: { name: ${textParts.join(' | ')} }`,
    );
  }
  return found as TextInputs;
}

/** Shapes of the inputs for a batch of tokens [N, 2, L]. */
export const textShapes = (inputs: TextInputs, [batch, , length]: Shape): Readonly<Record<string, Shape>> =>
  Object.fromEntries([...inputs.keys()].map((name) => [name, [batch!, length!]]));

/**
 * The inputs of a model made of a batch of tokens.
 *
 * @param x [N, 2, L]
 * @throws ModelError `bad-shape` if it is something else.
 */
export function textFeeds(inputs: readonly NamedTensor[], kinds: TextInputs, x: Value, where: string): Record<string, Value> {
  const tokens = tokensOf(where, x);
  return Object.fromEntries(inputs.map(({ name, dtype }) => [name, cast(parts[kinds.get(name)!].of(tokens), dtype)]));
}
