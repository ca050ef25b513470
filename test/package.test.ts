import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Locked {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json')).packages as Readonly<Record<string, Locked>>;

describe('package.json', () => {
  it('is an ES module package for Node 20.19 and later under Apache-2.0', () => {
    expect(manifest).toMatchObject({ name: 'potstill', type: 'module', license: 'Apache-2.0', engines: { node: '>=20.19' } });
    expect(manifest.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(read('LICENSE')).toMatch(/Apache License\s+Version 2\.0/);
  });

  it('pins every dependency to one version', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(range)),
    );
    expect(loose).toEqual([]);
  });

  it('offers only what has a source', () => {
    const offered = [...Object.values<string>(manifest.exports), ...Object.values<string>(manifest.bin)];
    const sources = offered.map((path) => path.replace(/^(\.\/)?dist\/(.*)\.js$/, 'src/$2.ts'));
    expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('relies on no pre or post script, which .npmrc switches off', () => {
    expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
    const names = Object.keys(manifest.scripts);
    const hooks = names.filter((name) => /^(pre|post)/.test(name) && names.includes(name.replace(/^(pre|post)/, '')));
    expect(hooks).toEqual([]);
    expect(names.filter((name) => /^(pre|post)?(install|pack|prepare|publish|publishOnly)$/.test(name))).toEqual([]);
  });
});

describe('package-lock.json', () => {
  it('names no addresses', () => {
    expect(Object.keys(lock).filter((path) => lock[path]?.resolved !== undefined)).toEqual([]);
  });

  it('holds the binaries of every platform, without which `npm ci` refuses it', () => {
    const missing = Object.entries(lock).flatMap(([path, { optionalDependencies = {} }]) =>
      path === ''
        ? []
        : Object.keys(optionalDependencies).filter(
            (name) => !lock[`node_modules/${name}`] && !lock[`${path}/node_modules/${name}`],
          ),
    );
    expect(missing).toEqual([]);
  });
});

describe('the file tree', () => {
  const inspect = (folder: string) => spawnSync(process.execPath, [join(root, 'scripts/tree.mjs'), folder], { encoding: 'utf8' });
  let folder = '';
  afterEach(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
    folder = '';
  });

  it('keeps the rules on sizes, names and words', () => {
    const { stderr, status } = inspect(root);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('is looked at with open eyes', () => {
    folder = mkdtempSync(join(tmpdir(), 'potstill-tree-'));
    const files = {
      '.gitignore': '/dist/\n',
      'dist/long.ts': '\n'.repeat(600),
      'src/long.ts': '\n'.repeat(501),
      'src/fits.ts': '\n'.repeat(500),
      'src/utils/x.ts': '\n',
      'src/losses/index.ts': '\n',
      'src/dice.ts': `Math.${'random'}();\n`,
      'src/later.ts': `// ${'TO'}${'DO'}\n`,
      'docs/place.md': `see /${'home'}/me/notes\n`,
    };
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const { stderr, status } = inspect(folder);
    const places = stderr.match(/(?<=^error: )[^:]+/gm);
    expect(places).toEqual([
      'docs/place.md',
      'src/dice.ts',
      'src/later.ts',
      'src/long.ts',
      'src/losses/index.ts',
      'src/utils/x.ts',
    ]);
    expect(status).toBe(1);
  });
});
