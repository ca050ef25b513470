import { labels } from './labels.ts';
import { maskedLanguage } from './masked-language.ts';
import { regression } from './regression.ts';

/** Learning from the data itself. */
export const targets = [labels, regression, maskedLanguage] as const;
