import { attentionMaps } from './attention.ts';
import { minilm } from './minilm.ts';

/** Where a transformer looks. */
export const attention = [attentionMaps, minilm] as const;
