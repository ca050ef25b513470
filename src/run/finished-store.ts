import { join } from 'node:path';
import { FileError } from './files.ts';
import { jobStore, type RunStore } from './store.ts';

/**
 * The trainings of a run that are over, to read and not to go on with: whoever would train finds the weights, or the error that
 * says where they should be.
 * @param run Null where there is no run.
 * @param name Of the recipe, for the message.
 */
export function finishedStore(run: string | null, name: string): RunStore {
  const refuse = (): never => {
    throw new Error('internal: something was to be written to a run that is only read');
  };
  return {
    directory: run ?? '',
    recipe: '',
    resumed: true,
    job(job) {
      if (run === null) {
        throw new FileError(
          `teacher: found one that a run trains (kind: train), and no run; expected the folder of a finished run; first \`potstill run\` the recipe, then name its folder, such as runs/${name}`,
          'user',
        );
      }
      const files = jobStore(join(run, 'checkpoints', job));
      return {
        ...files,
        async finished() {
          const found = await files.finished();
          if (found) return found;
          throw new FileError(
            `${join(files.folder, 'done')}: no such folder; expected the weights of the teacher that the run trained; finish the run with --resume, or make it again if its checkpoints were removed`,
            'user',
          );
        },
      };
    },
    appendHistory: refuse,
    historyBytes: () => 0,
    rewindHistory: refuse,
    settleHistory: () => {},
    history: refuse,
    choices: refuse,
    path: (...names) => join(run ?? '', ...names),
    write: refuse,
  };
}
