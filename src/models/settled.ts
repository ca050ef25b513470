import { type Shape, showShape } from '../graph/type.ts';
import type { ModelShape } from './define.ts';
import { type ImportedModel, importModel, type ModelFile } from './import.ts';
import { type ModelInputs, matchInputs } from './model-inputs.ts';
import type { Engine } from './specialise.ts';
import type { TextPart } from './text-inputs.ts';

/** A file that is fed with examples of some shape, settled for each shape of batch that was asked for. */
export interface Settled {
  readonly open: ImportedModel;
  readonly matched: ModelInputs;
  /** For one example. */
  readonly one: ImportedModel;
  /** Settles the sizes for batches of a shape; names may stand for some. */
  prepare(x: Shape): Promise<void>;
  /** For batches of a shape that is prepared. */
  at(x: Shape): ImportedModel;
}

/**
 * Reads a file for examples of a shape.
 *
 * @param where The model's role in messages.
 * @param inputs What the inputs of a text model are, where their names do not say it.
 * @throws OnnxError if it is not a model, or does not run with these sizes; ModelError if it does not take such examples.
 */
export async function openSettled(
  file: ModelFile,
  engine: Engine,
  example: ModelShape['input'],
  where: string,
  inputs?: Readonly<Record<string, TextPart>>,
): Promise<Settled> {
  const open = await importModel(file, engine, { open: true });
  const matched = matchInputs(open, example, where, inputs);
  const settled = new Map<string, ImportedModel>();
  // Rows that say what is to be guessed change nothing of what the file is fed.
  const keyOf = (x: Shape): string => Object.values(matched.shapes(x)).map(showShape).join();
  const prepare = async (x: Shape): Promise<void> => {
    const key = keyOf(x);
    if (!settled.has(key)) settled.set(key, await open.resized({ shapes: matched.shapes(x), open: true }));
  };
  const at = (x: Shape): ImportedModel => {
    const found = settled.get(keyOf(x));
    if (!found) throw new Error(`internal: ${file.source} was not prepared for ${showShape(x)}`);
    return found;
  };
  const first: Shape = [1, ...example];
  await prepare(first);
  return { open, matched, one: at(first), prepare, at };
}
