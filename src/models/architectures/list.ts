import { z } from 'zod';
import type { Model, ModelShape } from '../define.ts';
import { bag } from './bag.ts';
import { bert } from './bert.ts';
import { cnn } from './cnn.ts';
import type { Architecture } from './define.ts';
import { lenet5 } from './lenet5.ts';
import { mlp } from './mlp.ts';
import { mobilenet } from './mobilenet.ts';
import { resnet } from './resnet.ts';
import { textCnn } from './text-cnn.ts';

/** Every architecture that a recipe can name; schema, help and documentation are derived from this list. */
const all = [mlp, lenet5, resnet, mobilenet, cnn, bert, textCnn, bag] as const;

export const architectureSchema = z.discriminatedUnion('kind', [
  mlp.options,
  lenet5.options,
  resnet.options,
  mobilenet.options,
  cnn.options,
  bert.options,
  textCnn.options,
  bag.options,
]);
export type ArchitectureOptions = z.infer<typeof architectureSchema>;

/** An architecture that takes any options; it is called with those of its own kind. */
export type AnyArchitecture = Architecture<z.ZodObject<{ kind: z.ZodLiteral<string> }>>;

export const architectures = all as unknown as readonly AnyArchitecture[];

/** The entry behind some options. */
export function architectureOf({ kind }: { readonly kind: string }): AnyArchitecture {
  const found = architectures.find((a) => a.kind === kind);
  if (!found) throw new Error(`internal: no architecture is called '${kind}'`);
  return found;
}

/** The model of some options for data of some shape. */
export const createModel = (options: ArchitectureOptions, shape: ModelShape): Model =>
  architectureOf(options).create(options, shape);
