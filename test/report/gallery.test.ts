import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { renderProgramResults } from '../../src/cli/render/program.ts';
import { renderProgram } from '../../src/report/program/render.ts';
import { pictureUri } from './picture.ts';
import { hostileGalleries, madeUp, pictures, texts, values } from './program-record.ts';
import { attack, cifar } from './records.ts';

const sheet = pictureUri(8, (x, y) => [30 * x, 30 * y, 90]);
const sheets = Object.fromEntries(cifar.map((_, k) => [`gallery/by-class/${k}.png`, sheet]));
const page = (...[galleries, found]: [Parameters<typeof madeUp>[0], Readonly<Record<string, string>>?]): string =>
  renderProgram(madeUp(galleries), 'name: made-up\n', found);
interface Element {
  readonly textContent: string;
  readonly localName: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<Element>;
}
const all = (of: string, selector: string): Element[] => [
  ...(parseHTML(of).document.querySelectorAll(selector) as Iterable<Element>),
];
const words = (element: Element): string => element.textContent.replace(/\s+/g, ' ').trim();

describe('a gallery of pictures', () => {
  const shown = page([pictures], sheets);

  it('has a row for each class, and says which has none', () => {
    const rows = all(shown, '#gallery .made');
    expect(rows.map((row) => words([...row.querySelectorAll('h4')][0]!))).toEqual(cifar);
    expect(rows.map((row) => [...row.querySelectorAll('li svg')].length)).toEqual([...Array(9).fill(3), 0]);
    expect(words(rows.at(-1)!)).toMatch(/none$/);
  });

  it('holds each sheet once, of which pictures are windows', () => {
    expect(shown.split(sheet).length - 1).toBe(9);
    const ids = new Set(all(shown, '[id]').map((e) => e.getAttribute('id')));
    const windows = all(shown, '#gallery li use').map((e) => e.getAttribute('href')!);
    expect(windows.every((href) => ids.has(href.slice(1)))).toBe(true);
    expect(
      all(shown, '#gallery li svg')
        .slice(0, 3)
        .map((e) => e.getAttribute('viewBox')),
    ).toEqual(['0 0 8 8', '8 0 8 8', '16 0 8 8']);
  });

  it('says what each picture is, and what is known of it', () => {
    expect(all(shown, '#gallery li svg').map((e) => e.getAttribute('aria-label'))).toContain('By class, airplane: 98 %');
    expect(all(shown, '#gallery li small').slice(0, 3).map(words)).toEqual(['100 %', '98 %', '51 %']);
  });

  it('enlarges small pictures a whole number of times, without blurring, and makes large ones smaller', () => {
    const sized = (width: number, height: number): Element => {
      const rows = [
        { name: 'a', shown: { kind: 'pictures', sheet: 'gallery/by-class/0.png', width, height, captions: [''] } as const },
      ];
      return all(page([{ title: 't', rows }], sheets), '#gallery li svg')[0]!;
    };
    const of = (e: Element) => [e.getAttribute('width'), e.getAttribute('height'), e.getAttribute('class') ?? ''];
    expect(of(sized(28, 28))).toEqual(['56', '56', 'enlarged']);
    expect(of(sized(64, 32))).toEqual(['64', '32', 'enlarged']);
    expect(of(sized(224, 112))).toEqual(['96', '48', '']);
  });

  it('refers to nothing outside of the page', () => {
    const links = all(shown, '*').flatMap((e) => [...e.attributes].filter(({ name }) => /^(src|href|xlink:href)$/.test(name)));
    expect(links.every(({ value }) => /^(#|data:)/.test(value))).toBe(true);
    expect(shown).not.toMatch(/url\(|@import/);
  });

  it('says which sheets are lost', () => {
    expect(page([pictures])).toContain('gallery/by-class/0.png is not there.');
  });

  it('shows twenty rows at first', () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({ name: `class ${i}`, shown: null }));
    const long = page([{ title: 'Many', rows }]);
    expect(all(long, '#gallery > .gallery .made')).toHaveLength(20);
    expect(all(long, '#gallery details .made')).toHaveLength(80);
    expect(long).toContain('80 more rows');
  });
});

describe('a gallery of other examples', () => {
  it('has tables of values and lists of texts', () => {
    const shown = page([values, texts]);
    const table = all(shown, '#gallery .made table')[0]!;
    expect([...table.querySelectorAll('tbody tr')].map(words)[0]).toMatch(/^100 %Torgersen/);
    expect(words(all(shown, '#gallery .made')[0]!)).toContain('and 4 more columns');
    const items = all(shown, '#gallery .texts li').map(words);
    expect(items[0]).toBe('a warm , funny film100 %');
    expect(items[1]!.length).toBeLessThan(420);
  });

  it('is left out where nothing was made up', () => {
    expect(page([])).not.toContain('id="gallery"');
  });
});

describe('what others wrote in a gallery', () => {
  it('is text, and no picture that it is not', () => {
    const shown = page(hostileGalleries, { 'gallery/elsewhere.png': 'https://example.com/pixel.png' });
    expect(shown).not.toMatch(/<script|<img|example\.com/);
    expect(all(shown, 'h1')).toHaveLength(1);
    expect(words(all(shown, '#gallery')[0]!)).toContain(attack.slice(0, 60));
    expect(all(shown, '*').flatMap((e) => [...e.attributes].filter(({ name }) => name.startsWith('on')))).toEqual([]);
  });

  it('does not name a member of all objects', () => {
    const rows = [{ name: 'a', shown: { kind: 'pictures', sheet: 'constructor', width: 1, height: 1, captions: [''] } as const }];
    expect(page([{ title: 't', rows }])).toContain('constructor is not there.');
  });
});

describe('the command line', () => {
  it('says where pictures are, if there are any', () => {
    expect(renderProgramResults(madeUp([pictures]), 'runs/made-up')).toContain('\nPictures  runs/made-up/gallery/\n');
    expect(renderProgramResults(madeUp([texts]), 'runs/made-up')).not.toContain('gallery');
  });
});
