import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { claimFolder } from '../run/claim.ts';
import { readJson, toJson, writeWhole } from '../run/files.ts';

/** Where the pictures of galleries are. */
const galleryFolder = 'gallery';

/** What a program's folder is known by. */
const ownNames = ['recipe.yaml', 'results.json', 'report.html', 'time.json', 'parts', 'remembered', galleryFolder];

/** The folder of a program: its recipe, results and report, `parts/` (runs), `remembered/` (values) and `gallery/` (pictures). */
export interface ProgramFolder {
  readonly directory: string;
  readonly resumed: boolean;
  /** Folder of a part. */
  part(name: string): string;
  remember<T>(name: string, make: () => Promise<T>): Promise<T>;
  /** Seconds of the sittings before this one. */
  seconds(): Promise<number>;
  keepSeconds(seconds: number): Promise<void>;
  write(name: string, text: string | Uint8Array): Promise<void>;
  /** Returns where it is, from the folder. */
  keepPicture(name: string, png: Uint8Array): Promise<string>;
}

export interface FolderOptions {
  readonly recipe: string;
  readonly resume: boolean;
  readonly force: boolean;
}

/** Opens the folder of a program, new or to go on with. @throws FileError as a run's does. */
export async function openFolder(directory: string, options: FolderOptions): Promise<ProgramFolder> {
  const resumed = await claimFolder(directory, { ...options, ownNames });
  const time = join(directory, 'time.json');
  const write = (name: string, content: string | Uint8Array): Promise<void> => writeWhole(join(directory, name), content);
  return {
    directory,
    resumed,
    part: (name) => join(directory, 'parts', ...name.split('/')),
    async remember<T>(name: string, make: () => Promise<T>) {
      const path = join(directory, 'remembered', `${name}.json`);
      if (existsSync(path)) return (await readJson<T>(path))!;
      const value = await make();
      await writeWhole(path, toJson(value));
      return value;
    },
    seconds: async () => (await readJson<{ seconds: number }>(time))?.seconds ?? 0,
    keepSeconds: (seconds) => writeWhole(time, toJson({ seconds })),
    write,
    async keepPicture(name, png) {
      const path = `${galleryFolder}/${name}.png`;
      await write(path, png);
      return path;
    },
  };
}
