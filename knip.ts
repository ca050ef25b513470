import { readFileSync } from 'node:fs';
import type { KnipConfig } from 'knip';

const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<'exports' | 'bin', Record<string, string>>;

/** The sources of all that the package offers: its public faces are used by definition. */
const faces = [...Object.values(exports), ...Object.values(bin)]
  .filter((path) => path.endsWith('.js'))
  .map((path) => path.replace(/^(\.\/)?dist\/(.*)\.js$/, 'src/$2.ts'));

const config: KnipConfig = {
  entry: [...faces, 'src/runtime/*worker.mjs', 'scripts/*.mjs', 'bench/**/*.{ts,mjs}', 'examples/**/*.ts'],
  project: ['src/**/*.{ts,mjs}', 'test/**/*.ts', 'bench/**/*.{ts,mjs}', 'examples/**/*.ts', 'scripts/**/*.mjs'],
  ignoreExportsUsedInFile: true,
};

export default config;
