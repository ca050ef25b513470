import type { InitialiseOptions } from '../../recipe/initialise.ts';
import type { Tensors } from '../store.ts';
import type { Initialise, Subject } from './define.ts';
import { fromTeacher } from './teacher.ts';
import { fromVocabulary } from './vocabulary.ts';

const ways: { readonly [From in InitialiseOptions['from']]: Initialise<From> } = {
  teacher: fromTeacher,
  vocabulary: fromVocabulary,
};

/** The tensors that a student starts with, by its names; what is not among them starts from chance. @throws MismatchError */
export const startOf = (options: InitialiseOptions, subject: Subject): Promise<Tensors> =>
  (ways[options.from] as Initialise<InitialiseOptions['from']>)(options as never, subject);
