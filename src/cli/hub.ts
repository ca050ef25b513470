import { homedir } from 'node:os';
import { type HubOptions, hubFromEnvironment } from '../data/hub/options.ts';
import { bytes } from '../report/format.ts';
import { type Io, line } from './io.ts';

/** The Hugging Face Hub as the environment says; downloads are told on stderr, a line when a file begins and when it is there. */
export function hubOf({ stderr }: Pick<Io, 'stderr'>, quiet = false): HubOptions {
  const begun = new Set<string>();
  return {
    ...hubFromEnvironment(process.env, homedir()),
    onProgress: ({ repository, path, done, total }) => {
      const name = `${repository}/${path}`;
      if (!quiet && !begun.has(name)) line(stderr, `Fetching ${name} (${bytes(total)}) …`);
      if (!quiet && done === total) line(stderr, `Fetched  ${name}`);
      begun.add(name);
    },
  };
}
