import type { ModelFile } from '../../models/import.ts';
import { logitsName } from '../../models/logits-name.ts';
import { openSettled } from '../../models/settled.ts';
import { type EncoderParts, encoderParts } from '../../models/shrink/encoder-parts.ts';
import type { Engine } from '../../models/specialise.ts';
import type { TextPart } from '../../models/text-inputs.ts';

interface EncoderFile {
  readonly engine: Engine;
  /** Shape of one example. */
  readonly example: readonly number[];
  /** Of the words that it knows, how many the data has. */
  readonly vocabulary: number | undefined;
  readonly logits: string | undefined;
  readonly inputs: Readonly<Record<string, TextPart>> | undefined;
  readonly where: string;
}

/** The encoder in a file taken apart; undefined where it is none, or built in another way than BERT's. */
export async function encoderOf(file: ModelFile, options: EncoderFile): Promise<EncoderParts | undefined> {
  const { engine, example, vocabulary, logits, inputs, where } = options;
  const { one, matched } = await openSettled(file, engine, example, where, inputs);
  return matched.text ? encoderParts(one.graph, logitsName(one, logits, where), vocabulary) : undefined;
}
