import type { FileInputs, Layout } from './define.ts';
import { pictures } from './pictures.ts';
import { rows } from './rows.ts';
import { texts } from './texts.ts';

/** By the rank of one example: [D], tokens [2, longest], [C, H, W]. */
const byRank: Readonly<Record<number, Layout>> = { 1: rows, 2: texts, 3: pictures };

export const layoutOf = (example: readonly number[]): Layout => byRank[example.length]!;

/** How an exported file takes examples of a shape. */
export const exportedInputs = (example: readonly number[]): FileInputs => layoutOf(example).inputs(example);
