import { z } from 'zod';

/** Ids are kept as float32, which holds whole numbers up to this. */
const MOST_IDS = 2 ** 24;

const id = z.int().min(0).lt(MOST_IDS);
const part = z.looseObject({ type: z.string() }).nullable().default(null);

/** What must be right in a tokenizer.json before it is believed; the rest is for the tokenizer to read. */
export const tokenizerJson = z.looseObject({
  version: z.string().default('1.0'),
  added_tokens: z.array(z.looseObject({ id, content: z.string().min(1), special: z.boolean().default(false) })).default([]),
  normalizer: part,
  pre_tokenizer: part,
  post_processor: part,
  decoder: part,
  model: z.looseObject({
    type: z.enum(['WordPiece', 'BPE', 'Unigram', 'WordLevel']).optional(),
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string(), z.number()])).min(1)]),
  }),
});
export type TokenizerJson = z.output<typeof tokenizerJson>;

/** A token that is never divided. */
export const addedToken = (content: string, id: number): TokenizerJson['added_tokens'][number] => ({
  id,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

interface TemplateItem {
  readonly text: 'A' | 'B' | null;
  readonly token: string;
  readonly segment: number;
}

/** `[CLS] A [SEP]` and `[CLS] A [SEP] B [SEP]`; `second` is the segment of the second text and of what follows it. */
export function clsSepTemplate(cls: { id: number; token: string }, sep: { id: number; token: string }, second: 0 | 1) {
  const item = ({ text, token, segment }: TemplateItem) =>
    text ? { Sequence: { id: text, type_id: segment } } : { SpecialToken: { id: token, type_id: segment } };
  const single: TemplateItem[] = [
    { text: null, token: cls.token, segment: 0 },
    { text: 'A', token: '', segment: 0 },
    { text: null, token: sep.token, segment: 0 },
  ];
  const pair: TemplateItem[] = [
    ...single,
    { text: 'B', token: '', segment: second },
    { text: null, token: sep.token, segment: second },
  ];
  const special = ({ id, token }: { id: number; token: string }) => [token, { id: token, ids: [id], tokens: [token] }];
  return {
    type: 'TemplateProcessing',
    single: single.map(item),
    pair: pair.map(item),
    special_tokens: Object.fromEntries([special(cls), special(sep)]),
  };
}
