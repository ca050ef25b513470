import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'docs/data-free.md',
  'docs/explain.md',
  'docs/methods.md',
  'docs/objectives.md',
  'docs/programs-measured.md',
  'docs/programs.md',
  'docs/quantisation.md',
  'docs/recipes.md',
  'docs/results.md',
  'docs/teachers.md',
  'docs/text.md',
  'examples/README.md',
];

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

  it.skipIf(!existsSync(new URL('dist/report/program/units.js', root)))(
    'programs are told as the committed results say',
    async () => {
      const { programsMarkdown, programsPage } = (await import(new URL('scripts/docs/programs.mjs', root).href)) as {
        programsMarkdown(): string;
        programsPage(): string;
      };
      expect(read('README.md')).toContain(programsMarkdown());
      expect(read('docs/programs-measured.md')).toBe(programsPage());
    },
  );

  it.skipIf(!existsSync(new URL('dist/report/program/units.js', root)))(
    'methods without the data are told as the code and the committed results say',
    async () => {
      const { dataFreeMarkdown } = (await import(new URL('scripts/docs/data-free.mjs', root).href)) as {
        dataFreeMarkdown(): Promise<string>;
      };
      const { programMarkdown } = (await import(new URL('scripts/docs/programs.mjs', root).href)) as {
        programMarkdown(kind: string): string;
      };
      expect(read('docs/data-free.md')).toContain(`\n${await dataFreeMarkdown()}\n`);
      expect(read('docs/data-free.md')).toContain(`\n${programMarkdown('data-free')}\n`);
    },
  );

  it('the program in the README is the one under examples/', () => {
    expect(read('README.md')).toContain(read('examples/smallest.ts').trim());
  });

  it('the table of measured objectives is what the committed results say', async () => {
    const { objectivesMarkdown } = (await import(new URL('scripts/docs/objectives.mjs', root).href)) as {
      objectivesMarkdown(): string;
    };
    expect(read('docs/objectives.md')).toContain(objectivesMarkdown());
  });

  it.each(pages)('links of %s lead to files and headings that are there', (page) => {
    for (const [, path, anchor] of read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const target = path === '' ? page : new URL(path!, new URL(page, root));
      const there = typeof target === 'string' || existsSync(target);
      expect(there, `${page}: ${path}`).toBe(true);
      if (anchor) expect(anchorsOf(readFileSync(new URL(target, root), 'utf8')), `${page}: ${path}`).toContain(anchor);
    }
  });
});

/** The anchors of a page's headings, as code hosts make them: a second heading of a name gets a number. */
function anchorsOf(text: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const slug = heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}
