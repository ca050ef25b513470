import { resolve } from 'node:path';
import { type Preprocess, preprocessSchema } from '../../data/preprocess.ts';
import type { TeacherOptions } from '../../recipe/recipe.ts';
import { inputOf } from '../input.ts';
import { readResults } from '../read-record.ts';
import type { TeacherContext } from './define.ts';

type Known = Pick<TeacherContext, 'splits' | 'folder'>;

const kinds: {
  readonly [K in TeacherOptions['kind']]: (options: Extract<TeacherOptions, { kind: K }>, known: Known) => Promise<Preprocess>;
} = {
  onnx: async ({ preprocess }) => preprocess,
  train: async ({ preprocess }, { splits }) => inputOf(preprocess, splits.train).spec,
  run: async ({ run }, { folder }) => preprocessSchema.parse((await readResults(resolve(folder, run))).preprocess ?? {}),
  ensemble: ({ members }, known) => preprocessOf(members[0]!, known),
};

/**
 * How a teacher gets its input from the view, all of it settled; of an ensemble its first member. Nothing is opened or trained, but the
 * preprocessing of one that the run trains follows from its training data where the recipe gives none.
 */
export const preprocessOf = (options: TeacherOptions, known: Known): Promise<Preprocess> =>
  (kinds[options.kind] as (options: TeacherOptions, known: Known) => Promise<Preprocess>)(options, known);
