import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { renderReport } from '../../src/report/render.ts';
import type { RunRecord } from '../../src/run/record.ts';
import { attack, cards, cifar, classification, diverged, hostile, minimal, regression } from './records.ts';

const records: Readonly<Record<string, () => RunRecord>> = {
  classification,
  regression,
  minimal,
  hostile,
  diverged,
  'one seed': () => classification({ seeds: [5] }),
  'no scratch': () => withoutScratch(classification()),
  'no teacher': () => withoutTeacher(classification()),
};

const pages = new Map(Object.entries(records).map(([name, build]) => [name, renderReport(build())]));

describe.each(Object.entries(records))('report of %s', (name, build) => {
  const page = pages.get(name)!;
  const found = elements(page);

  it('starts with the sentence and has a picture of it', () => {
    const { sentence } = build().results.verdict;
    expect(textOf(between(page, '<h1>', '</h1>'))).toBe(sentence.replace(unprintable, '\ufffd'));
    expect(between(page, '<div class="hero">', '</div>')).toContain('<svg');
  });

  it('is the same for the same record', () => {
    expect(renderReport(build())).toBe(page);
    expect(page).not.toMatch(/plot-clip|clip-path/);
  });

  it('refers to nothing outside itself and runs nothing', () => {
    expect(attributes(found, ['src', 'href', 'srcset', 'action', 'poster', 'data'])).toSatisfy((values: string[]) =>
      values.every((value) => /^(#|data:)/.test(value)),
    );
    expect(page).not.toMatch(/@import|url\(/);
    expect(found.map((element) => element.tag)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(script|iframe|object|embed|base|form)$/)]),
    );
    expect(found.flatMap(({ attributes: own }) => [...own.keys()].filter((name) => name.startsWith('on')))).toEqual([]);
  });

  it('never says undefined, NaN or [object', () => {
    expect(textOf(between(page, '<body>', '</body>'))).not.toMatch(/undefined|NaN|Infinity|\[object/);
    expect(attributes(found, ['d', 'cx', 'cy', 'x', 'y', 'width', 'transform', 'points']).join(' ')).not.toMatch(
      /NaN|undefined|Infinity/,
    );
  });

  it('names every section, table and chart once, for readers that cannot see them', () => {
    const ids = attributes(found, ['id']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      attributes(found, ['href'])
        .filter((href) => href.startsWith('#'))
        .every((href) => ids.includes(href.slice(1))),
    ).toBe(true);
    for (const svg of page.match(/<svg[^>]*>/g) ?? []) expect(svg).toMatch(/aria-label="[^"]|aria-hidden="true"/);
    for (const table of page.match(/<div class="scroll"[^>]*>/g) ?? []) expect(table).toMatch(/aria-label="[^"]/);
    for (const head of page.match(/<th[ >][^>]*>?/g) ?? []) expect(head).toMatch(/scope="(col|row|rowgroup)"/);
  });
});

describe('sections', () => {
  it('are all there for a full record', () => {
    expect(sections('classification')).toEqual([
      'controls',
      'notes',
      'curves',
      'classes',
      'confusion',
      'calibration',
      'knowledge',
      'cost',
      'lighter',
      'examples',
      'student',
      'environment',
      'reproduce',
    ]);
  });

  it('are left out where the run has nothing to show', () => {
    expect(sections('minimal')).toEqual(['controls', 'environment', 'reproduce']);
    expect(sections('regression')).toEqual(['controls', 'curves', 'cost', 'examples', 'environment', 'reproduce']);
  });
});

describe('verdict', () => {
  it('shows the numbers of every seed, the gain and the gap', () => {
    const page = pages.get('classification')!;
    const { results } = classification();
    for (const value of results.distilled.metrics.accuracy!.perSeed) expect(page).toContain(`${(value * 100).toFixed(2)} %`);
    expect(textOf(between(page, '<ul class="figures">', '</ul>'))).toContain(
      `+${(results.verdict.difference!.mean * 100).toFixed(2)} points`,
    );
    expect(textOf(page)).toContain(`${(results.gapRecovered!.mean * 100).toFixed(1)} % ±`);
    expect(textOf(page)).toContain('3.5× smaller');
  });

  it.each([
    ['yes', 'classification', 'Helped'],
    ['no', 'regression', 'Did not help'],
    ['unclear', 'one seed', 'Unclear'],
    ['not-measured', 'minimal', 'Not compared'],
  ] as const)('says it in a word: %s', (_, name, word) => {
    expect(textOf(between(pages.get(name)!, '<p class="badge', '</p>'))).toContain(word);
  });
});

describe('controls', () => {
  it('names a winner only beyond the spread', () => {
    const page = controls('classification');
    expect(rowOf(page, 'Accuracy')).toMatch(/<strong>87\..*better/s);
    expect(rowOf(page, 'Calibration error')).not.toContain('<strong>');
    expect(rowOf(page, 'Calibration error')).toContain('within the spread');
  });

  it('gives scratch its due', () => {
    const row = rowOf(controls('regression'), 'RMSE');
    expect(row).toMatch(/<strong>0\.56.*▼ worse/s);
  });

  it.each(['classification', 'regression', 'one seed'])('judges the headline as the verdict does: %s', (name) => {
    const { headline, verdict } = records[name]!().results;
    const label = headline.name === 'rmse' ? 'RMSE' : 'Accuracy';
    const marks = { yes: /▲ better/, no: /▼ worse/, unclear: /^(?!.*[▲▼])/s, 'not-measured': /^(?!.*[▲▼])/s };
    expect(rowOf(controls(name), label)).toMatch(marks[verdict.helped]);
  });

  it('names no winner with one seed', () => {
    expect(controls('one seed')).not.toMatch(/<strong>|▲|▼/);
  });
});

describe('curves', () => {
  it('stay small however long the history is', () => {
    const classes = Array.from({ length: 100 }, (_, i) => `class ${i}`);
    const page = renderReport(classification({ classes, seeds: [1, 2, 3, 4, 5], epochs: 100, rowsPerEpoch: 30, examples: [] }));
    expect(page.length).toBeLessThan(1_500_000);
  });

  it('say what could not be drawn', () => {
    expect(pages.get('diverged')).toContain('60 measurements were not finite numbers');
  });

  it('show every loss and metric once', () => {
    const page = between(pages.get('classification')!, '<section id="curves"', '</section>');
    const titles = [...page.matchAll(/<figcaption>(.*?)<\/figcaption>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      'Accuracy, %',
      'Log loss',
      'Calibration error, %',
      'Loss, total',
      'Loss: labels',
      'Loss: kd',
      'Learning rate',
    ]);
  });
});

describe('many classes', () => {
  const named = (count: number): RunRecord =>
    classification({ classes: Array.from({ length: count }, (_, i) => `class ${i}`), examples: [] });

  it('have a picture for a matrix, and beyond that only a list', () => {
    const page = renderReport(named(100));
    expect(page).toContain('<svg class="map"');
    expect(page).toContain('The 15 at each end of 100 classes');
    expect(page.length).toBeLessThan(1_500_000);
    expect(renderReport(named(300))).toContain('Too many classes for a matrix');
  });
});

describe('numbers that JSON has lost', () => {
  it('are not taken for zero', () => {
    const record = classification();
    const lost = { mean: null as unknown as number, spread: null, perSeed: [] };
    const distilled = { ...record.results.distilled, metrics: { ...record.results.distilled.metrics, accuracy: lost } };
    const page = renderReport({ ...record, results: { ...record.results, distilled } });
    expect(rowOf(between(page, '<table class="controls">', '</table>'), 'Accuracy')).toMatch(/>n\/a</);
  });
});

describe('what others wrote', () => {
  it('is text, wherever it stands', () => {
    const page = pages.get('hostile')!;
    expect(page).not.toMatch(/<script|<img src=x/);
    expect(elements(page).filter(({ tag }) => tag === 'h1' || tag === 'main').length).toBe(2);
    expect(textOf(page)).toContain(attack.slice(0, 60));
    expect(page).toContain('url: https://example.com/teacher.onnx');
  });

  it('is not taken for a picture or a model that it is not', () => {
    const page = pages.get('hostile')!;
    expect(page).not.toContain('example.com/pixel');
    expect(page).not.toContain('alert(4)');
    expect(page).not.toContain('alert(5)');
    expect(sections('hostile')).not.toContain('student');
  });

  it('survives the download of the recipe', () => {
    const page = pages.get('classification')!;
    const link = attributes(elements(page), ['href']).find((href) => href.startsWith('data:text/yaml'))!;
    expect(decodeURIComponent(link.slice(link.indexOf(',') + 1))).toBe(classification().recipe);
  });
});

describe('pictures', () => {
  it('show twelve at first, the rest on demand', () => {
    const page = renderReport(classification({ examples: cards(cifar, 15) }));
    expect(between(page, '<section id="examples"', '</section>').match(/<img /g)).toHaveLength(15);
    expect(page).toContain('3 more examples');
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: what the attack contains
const unprintable = /[\u0000\u0007\u202e]|\p{Surrogate}/gu;

function withoutScratch(record: RunRecord): RunRecord {
  const { results, details } = record;
  const verdict = { helped: 'not-measured', sentence: 'Not compared.', difference: null } as const;
  return {
    ...record,
    results: { ...results, scratch: null, gapRecovered: null, verdict },
    details: { ...details, scratch: null },
  };
}

function withoutTeacher(record: RunRecord): RunRecord {
  const { results, details } = record;
  return { ...record, results: { ...results, teacher: null, gapRecovered: null }, details: { ...details, teacher: null } };
}

function sections(name: string): string[] {
  return [...pages.get(name)!.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id!);
}

function controls(name: string): string {
  return between(pages.get(name)!, '<table class="controls">', '</table>');
}

function rowOf(table: string, label: string): string {
  return table.split('<tr').find((row) => row.includes(`<th scope="row">${label}&nbsp;`))!;
}

function between(page: string, start: string, end: string): string {
  const from = page.indexOf(start) + start.length;
  return page.slice(from, page.indexOf(end, from));
}

interface Found {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
}

function elements(page: string): Found[] {
  const all: Iterable<{ localName: string; attributes: Iterable<{ name: string; value: string }> }> =
    parseHTML(page).document.querySelectorAll('*');
  return [...all].map(({ localName, attributes: own }) => ({
    tag: localName,
    attributes: new Map([...own].map(({ name, value }) => [name, value])),
  }));
}

function attributes(found: readonly Found[], names: readonly string[]): string[] {
  return found.flatMap(({ attributes: own }) => names.flatMap((name) => own.get(name) ?? []));
}

function textOf(page: string): string {
  const text = page.replace(/<style>.*?<\/style>/s, '').replace(/<(?:"[^"]*"|[^">])*>/g, '');
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');
}
