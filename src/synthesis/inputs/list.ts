import { z } from 'zod';
import type { Inputs } from './define.ts';
import { generator } from './generator.ts';
import { latent } from './latent.ts';
import { noise } from './noise.ts';
import { optimised } from './optimised.ts';
import { softTokens } from './soft-tokens.ts';
import { tokenGenerator } from './token-generator.ts';

/** Everything that examples can be made of; schema, help and documentation are derived from this list. */
export const allInputs = [noise, optimised, generator, latent, softTokens, tokenGenerator] as const;

export const inputsSchema = z.discriminatedUnion('kind', [
  noise.options,
  optimised.options,
  generator.options,
  latent.options,
  softTokens.options,
  tokenGenerator.options,
]);
export type InputsOptions = z.output<typeof inputsSchema>;

/** The entry of a kind; it takes options of that kind alone. */
export function inputsOf(kind: InputsOptions['kind']): Inputs {
  const found = (allInputs as unknown as readonly Inputs[]).find((inputs) => inputs.kind === kind);
  if (!found) throw new Error(`internal: no inputs are called '${kind}'`);
  return found;
}
