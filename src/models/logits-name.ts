import { nearest } from '../graph/nearest.ts';
import { ModelError } from './error.ts';
import type { ImportedModel } from './import.ts';

/** What exporters call the one output that counts where there are several; encoders of sentences have the latter. */
const usual = ['logits', 'sentence_embedding'];

/**
 * Which tensor of a model has its logits: the one that was asked for, else its only output or the one called as is usual.
 *
 * @param where The model's role in messages: `student`, `teacher`.
 * @throws ModelError `bad-option` if that is not clear, or there is no such tensor.
 */
export function logitsName(
  { source, outputs, graph }: Pick<ImportedModel, 'source' | 'outputs' | 'graph'>,
  asked: string | undefined,
  where: string,
): string {
  const named = asked ?? (outputs.length === 1 ? outputs[0] : usual.find((name) => outputs.includes(name)));
  if (named === undefined) {
    throw new ModelError(
      'bad-option',
      `${where}: ${source} has the outputs ${outputs.join(', ')}; say which are the logits with ${where}.logits`,
    );
  }
  if (!graph.names.has(named)) {
    throw new ModelError(
      'bad-option',
      `${where}.logits: ${source} has no tensor '${named}'; the nearest are ${nearest(named, graph.names.keys()).join(', ')}`,
    );
  }
  return named;
}
