import type { TextType } from '../dataset.ts';
import type { TokenizerJson } from './tokenizer-json.ts';

type Role = keyof TextType['special'];

/** Where each special token is looked for: in the configuration under `keys`, in this order, then in the vocabulary under `names`. */
const roles: Readonly<Record<Role, { readonly keys: readonly string[]; readonly names: readonly string[] }>> = {
  pad: { keys: ['pad_token'], names: ['[PAD]', '<pad>', '<|pad|>', '<|padding|>'] },
  unknown: { keys: ['unk_token'], names: ['[UNK]', '<unk>', '<|unk|>'] },
  first: { keys: ['cls_token', 'bos_token'], names: ['[CLS]', '<s>', '<cls>'] },
  separator: { keys: ['sep_token', 'eos_token'], names: ['[SEP]', '</s>', '<sep>'] },
  mask: { keys: ['mask_token'], names: ['[MASK]', '<mask>'] },
};

/** The text of a token in a configuration, which is a string or an object that holds one. */
const contentOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  const content = (value as { content?: unknown } | null | undefined)?.content;
  return typeof content === 'string' ? content : undefined;
};

/** The keys of tokenizer_config.json for special ids, as Hugging Face's BERT tokenizers name them. */
export const configKeys: Readonly<Record<Role, string>> = {
  pad: 'pad_token',
  unknown: 'unk_token',
  first: 'cls_token',
  separator: 'sep_token',
  mask: 'mask_token',
};

/**
 * Special ids, from what puts them there: the template's own first and last ones, the model's unknown one, then the
 * configuration, then usual names. Where nothing pads, id 0 stands in, since padding is masked.
 */
export function specialIds(
  json: TokenizerJson,
  config: Readonly<Record<string, unknown>>,
  template: { readonly first: number | null; readonly separator: number | null },
  idOf: (token: string) => number | undefined,
): TextType['special'] {
  const { unk_token: unknownToken, unk_id: unknownId } = json.model as { unk_token?: unknown; unk_id?: unknown };
  const padding = json.padding as { pad_token?: unknown } | null | undefined;
  const find = (role: Role, ...told: unknown[]): number | null => {
    const { keys, names } = roles[role];
    for (const token of [...told, ...keys.map((key) => config[key]), ...names].map(contentOf)) {
      const id = token === undefined ? undefined : idOf(token);
      if (id !== undefined) return id;
    }
    return null;
  };
  return {
    pad: find('pad', padding?.pad_token) ?? 0,
    unknown: typeof unknownId === 'number' ? unknownId : find('unknown', unknownToken),
    first: template.first ?? find('first'),
    separator: template.separator ?? find('separator'),
    mask: find('mask'),
  };
}
