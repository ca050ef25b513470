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

/** The model of some options for data of some shape. */
export function createModel(options: ArchitectureOptions, shape: ModelShape): Model {
  const found = architectures.find(({ kind }) => kind === options.kind);
  if (!found) throw new Error(`internal: no architecture is called '${options.kind}'`);
  return found.create(options, shape);
}
