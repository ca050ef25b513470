import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('documentation', () => {
  it.skipIf(!existsSync(new URL('dist/cli/main.js', root)))('methods.md is what the code says', async () => {
    const { catalogueMarkdown } = (await import(new URL('scripts/docs/catalogue.mjs', root).href)) as {
      catalogueMarkdown(): Promise<string>;
    };
    expect(read('docs/methods.md')).toBe(await catalogueMarkdown());
  });

  it('the table of results in the README is what the committed results say', async () => {
    const { measuredMarkdown } = (await import(new URL('scripts/docs/measured.mjs', root).href)) as {
      measuredMarkdown(): string;
    };
    expect(read('README.md')).toContain(measuredMarkdown());
  });

  it('the program in the README is the one under examples/', () => {
    expect(read('README.md')).toContain(read('examples/smallest.ts').trim());
  });

  it('links lead to files that are there', () => {
    for (const page of [
      'README.md',
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'docs/methods.md',
      'docs/results.md',
      'docs/recipes.md',
    ]) {
      for (const [, link] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        expect(existsSync(new URL(link!, new URL(page, root))), `${page}: ${link}`).toBe(true);
      }
    }
  });
});
