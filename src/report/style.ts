import { charts } from './style/charts.ts';
import { page } from './style/page.ts';
import { parts } from './style/parts.ts';
import { theme } from './style/theme.ts';

/** All CSS of the page. */
export const style: string = [theme, page, parts, charts].join('\n');
