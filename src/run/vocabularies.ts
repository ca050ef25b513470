import { type Dataset, vocabularyOf } from '../data/dataset.ts';

/** Exporters fill tables of tokens up to round numbers; what is left over beyond this share is no filling. */
const filling = 0.9;

/**
 * What to say where the tokenizer of the data knows far fewer ids than a model from a file: it is hardly the tokenizer that the model
 * was trained with.
 *
 * @param known Ids that each model knows, by its role.
 */
export function otherTokenizers(train: Dataset, known: Readonly<Record<string, number | undefined>>): readonly string[] {
  const { vocabulary } = vocabularyOf(train.example);
  if (vocabulary === undefined) return [];
  return Object.entries(known).flatMap(([role, ids]) =>
    ids === undefined || vocabulary >= filling * ids
      ? []
      : [
          `The ${role} knows ${ids} ids of tokens, and the tokenizer of the data gives ${vocabulary}: ids mean what they did only with the tokenizer that belongs to the model (data.tokenizer).`,
        ],
  );
}
