import { z } from 'zod';
import { vocabularyOptions } from '../text/learn-vocabulary.ts';
import { columnRef } from './columns.ts';
import { recordFormats } from './records.ts';

const paths = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** The `data` of a recipe for texts. */
export const textOptions = z.strictObject({
  kind: z.literal('text'),
  path: paths.describe('File or files of the train part: a path, or hf:datasets/owner/name/path/of/file'),
  testPath: paths.optional().describe('File or files of the test part; default: carved from train'),
  validationPath: paths.optional().describe('File or files of the validation part; default: carved from train'),
  format: z
    .enum(recordFormats)
    .optional()
    .describe('What the files hold; default: by extension (.csv, .tsv, .jsonl, .parquet; .txt: one text a line)'),
  header: z.boolean().default(true).describe('Whether the first line of CSV and TSV names the columns; else they are 0, 1, …'),
  delimiter: z
    .string()
    .min(1)
    .max(4)
    .optional()
    .describe('What stands between cells; default: a comma in CSV, a tab in TSV (where quotes mean nothing)'),
  text: columnRef.default('text').describe('Column of the text, by name or position (negative: from the end)'),
  pair: columnRef.optional().describe('Column of the second text where an example is a pair of texts'),
  label: columnRef.optional().describe('Column of the class; empty cells are unlabelled'),
  targets: z.array(columnRef).min(1).optional().describe('Columns to predict as numbers (regression); standardised'),
  classes: z
    .array(z.string())
    .min(2)
    .optional()
    .describe('Names of the classes in their order, also for labels that are 0, 1, …; default: the labels in train, sorted'),
  empty: z.enum(['error', 'drop', 'keep']).default('error').describe('What an empty text does: stop, drop its row, or stay'),
  tokenizer: z
    .union([z.string().min(1), vocabularyOptions])
    .default({ train: 'wordpiece', size: 8000, lowercase: true })
    .describe('Folder or tokenizer.json, hf:owner/name, or how to learn a vocabulary from the train split'),
  length: z
    .int()
    .min(2)
    .max(65_536)
    .default(128)
    .describe('Most tokens of an example, special ones included; longer texts are cut'),
});
export type TextOptions = z.output<typeof textOptions>;
