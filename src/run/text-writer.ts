import { loadModelFile } from '../data/model-file.ts';
import { openWriting } from '../data/text/writing.ts';
import type { Runtime } from '../runtime/port.ts';
import type { Sampling } from '../synthesis/sample/chances.ts';
import { writeOn } from '../synthesis/sample/sequences.ts';
import { openDecoder } from '../teachers/decoder.ts';
import { MismatchError } from './error.ts';

/** Texts to be sampled from a language model. */
export interface TextSampling extends Sampling {
  /** ONNX file of a causal language model without a cache. */
  readonly model: string;
  /** Its tokenizer: tokenizer.json, its folder, or llama2.c's file. */
  readonly tokenizer: string;
  /** Most tokens of a text, in the model's own, prompt included. */
  readonly tokens: number;
  /** What texts begin with, by turns; a model's own beginning where there are none. */
  readonly prompts: readonly string[];
  readonly seed: number;
}

/** Texts of a block. */
export const blockTexts = 64;

/** Samples texts in blocks; what a block holds follows from the settings and its number alone. */
export interface TextWriter {
  /** Texts of block b, without those that came out empty. */
  block(b: number): Promise<readonly string[]>;
  release(): Promise<void>;
}

/**
 * Opens a language model that is to write.
 * @throws ModelError for a model that does not continue texts, MismatchError where tokenizer or prompts do not fit it, DataError for files.
 */
export async function openTextWriter(spec: TextSampling, runtime: Runtime): Promise<TextWriter> {
  const { model, tokenizer, tokens, prompts, seed } = spec;
  const writing = await openWriting(tokenizer);
  const beginnings = (prompts.length > 0 ? prompts : [undefined]).map((prompt) => writing.begin(prompt));
  const long = beginnings.findIndex((ids) => ids.length >= tokens);
  if (long >= 0) {
    throw new MismatchError(
      `prompts: found ${beginnings[long]!.length} tokens in '${prompts[long]}'; expected fewer than the ${tokens} of a whole text; ask for more tokens`,
    );
  }
  const decoder = await openDecoder(loadModelFile(model), runtime, tokens);
  if (writing.vocabulary > decoder.vocabulary) {
    await decoder.release();
    throw new MismatchError(
      `${tokenizer}: gives ids up to ${writing.vocabulary - 1}, and ${model} knows them up to ${decoder.vocabulary - 1}; expected the tokenizer of the model; take the one that belongs to it`,
    );
  }
  return {
    async block(b) {
      const starts = Array.from({ length: blockTexts }, (_, i) => {
        const index = b * blockTexts + i;
        return { index, ids: beginnings[index % beginnings.length]! };
      });
      const options = { ...spec, seed, longest: tokens, stops: writing.stops };
      const texts = await writeOn(decoder.next, starts, options);
      return texts.map((ids) => writing.decode(ids).trim()).filter((text) => text !== '');
    },
    release: () => decoder.release(),
  };
}
