import { sameShape } from '../../graph/type.ts';
import { withoutBlocks } from '../../onnx/without-blocks.ts';
import { ModelError } from '../error.ts';
import type { ImportedModel, ModelFile } from '../import.ts';
import { namedBlocks } from '../roles/blocks.ts';
import { type KeptLayers, keptLayers } from './kept-layers.ts';

/** A file with some of its layers. */
export interface Shortened {
  readonly file: ModelFile;
  readonly kept: number;
  readonly of: number;
}

/**
 * Takes whole layers out of a file: what enters a layer goes on to the next one that stays. With all layers it is the file itself.
 *
 * @param model The file, settled.
 * @param where Place of the rule in the recipe, for messages.
 * @throws ModelError `bad-option` for a rule that does not fit; OnnxError `unsupported` if something outside reads the inside of a
 * layer that is to go.
 */
export function dropLayers(file: ModelFile, model: ImportedModel, rule: KeptLayers, where: string): Shortened {
  const blocks = namedBlocks(model.graph);
  const shapeOf = (name: string | undefined) => (name === undefined ? undefined : model.graph.names.get(name)?.shape);
  const movable = blocks.map(({ enters, shape }) => sameShape(shapeOf(enters) ?? [], shape));
  const kept = keptLayers(rule, movable, where, file.source);
  const gone = blocks.flatMap(({ enters, leaves }, i) =>
    kept.includes(i) ? [] : [{ name: `layer ${i}`, enters: enters!, leaves, next: i + 1 < blocks.length }],
  );
  const shown = gone.find(({ leaves, next }) => next && model.outputs.includes(leaves));
  if (shown) {
    throw new ModelError(
      'bad-option',
      `${where}: ${shown.name} of ${file.source} cannot be left out: what leaves it is the output '${shown.leaves}' of the file; keep it, or export the model without that output`,
    );
  }
  const counts = { kept: kept.length, of: blocks.length };
  if (gone.length === 0) return { file, ...counts };
  return { file: { ...file, bytes: withoutBlocks(file, gone) }, ...counts };
}
