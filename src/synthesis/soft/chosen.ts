import type { TextType } from '../../data/dataset.ts';
import { type TokenizerJson, tokenizerJson } from '../../data/text/tokenizer-json.ts';
import { SynthesisError } from '../error.ts';

/** More ids than this are not chosen from unless somebody asks for them: a step would work on lists of them for each place. */
const mostIds = 4096;

/**
 * Ids that made-up texts are written with. Special ones never are. All others where they are few enough; otherwise whole words before
 * parts of words before everything else, each in the order of the vocabulary, which those of BERT and learnt ones have by frequency.
 *
 * @param wanted How many; all up to 4096 unless told.
 * @returns in rising order.
 * @throws SynthesisError where there are fewer.
 */
export function chosenTokens(text: Pick<TextType, 'vocabulary' | 'special' | 'files'>, wanted?: number): readonly number[] {
  const content = text.files['tokenizer.json'];
  const json = content === undefined ? undefined : tokenizerJson.parse(JSON.parse(content));
  const special = new Set([
    ...Object.values(text.special),
    ...(json?.added_tokens ?? []).filter((t) => t.special).map((t) => t.id),
  ]);
  const known = Array.from({ length: text.vocabulary }, (_, id) => id).filter((id) => !special.has(id));
  const most = wanted ?? Math.min(known.length, mostIds);
  if (most > known.length) {
    throw new SynthesisError(
      `tokens: found ${most}; expected at most ${known.length}, which the tokenizer has beside special ones`,
    );
  }
  if (most === known.length || !json) return known.slice(0, most);
  const rank = ranks(json);
  const ranked = known.map((id) => [rank(id), id] as const).sort(([a, i], [b, j]) => a - b || i - j);
  return ranked
    .slice(0, most)
    .map(([, id]) => id)
    .sort((a, b) => a - b);
}

/** At least two letters behind what marks the start of a word (Ġ in pieces of bytes, ▁ in those of SentencePiece). */
const letters = /^[Ġ▁]?\p{L}[\p{L}'’]+$/u;

/** 0 for whole words, 1 for parts of words, 2 for signs, single letters, numbers and what has no text. */
function ranks({ model }: TokenizerJson): (id: number) => number {
  const pairs: readonly (readonly [string, number])[] = Array.isArray(model.vocab)
    ? model.vocab.map(([token], id) => [token, id])
    : Object.entries(model.vocab);
  const token = new Map(pairs.map(([content, id]) => [id, content]));
  const marked = pairs.some(([content]) => /^[Ġ▁]\p{L}{2}/u.test(content));
  return (id) => {
    const content = token.get(id) ?? '';
    if (!letters.test(content.replace(/^##/, ''))) return 2;
    return content.startsWith('##') || (marked && !/^[Ġ▁]/u.test(content)) ? 1 : 0;
  };
}
