import { z } from 'zod';
import { resolvePath } from '../bytes.ts';
import { DataError } from '../error.ts';
import { defineSource, plainSource } from '../source.ts';
import { readSet } from './set-folder.ts';

export const synthetic = defineSource({
  kind: 'synthetic',
  summary: 'Examples that a data-free program made up and kept, with what its teacher says of them as labels.',
  title: ({ path }) => `made-up examples of ${path}`,
  options: z.strictObject({
    kind: z.literal('synthetic'),
    path: z.string().min(1).describe('Folder of the set, which holds set.json, in the folder of the program’s run'),
  }),
  async open({ path }, { folder, maxBytes }) {
    const at = resolvePath(folder, path);
    const gathered = (await readSet(at, maxBytes)).dataset();
    if (gathered.size === 0) {
      throw new DataError({
        where: at,
        found: 'a set without examples',
        expected: 'at least one',
        fix: 'run the program that makes it, or go on with --resume',
      });
    }
    return {
      ...plainSource(gathered),
      notes: [
        'The examples are made up, and their labels are what the teacher says of them: a score on them is agreement with the teacher, not accuracy on real data.',
      ],
    };
  },
});
