import { labels } from './labels.ts';
import { regression } from './regression.ts';

/** Learning from the data itself. */
export const targets = [labels, regression] as const;
