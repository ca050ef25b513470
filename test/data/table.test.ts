import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unscale } from '../../src/data/dataset.ts';
import { contents, failure, folderWith, load } from './fixture.ts';

const csv = (text: string | Uint8Array, options: Record<string, unknown> = {}, others: Record<string, string> = {}) => {
  const folder = folderWith({ 'a.csv': text, ...others });
  return load({ kind: 'csv', path: 'a.csv', validation: 0, ...options }, folder);
};
const jsonl = (rows: readonly unknown[], options: Record<string, unknown> = {}) => {
  const folder = folderWith({ 'a.jsonl': rows.map((r) => (typeof r === 'string' ? r : JSON.stringify(r))).join('\n') });
  return load({ kind: 'jsonl', path: 'a.jsonl', validation: 0, ...options }, folder);
};

const rows = Array.from({ length: 40 }, (_, i) => ({
  size: i,
  colour: ['red', 'green', 'blue'][i % 3]!,
  price: 1000 + 3 * i,
  kind: ['cat', 'dog'][i % 2]!,
}));
const text = ['size,colour,price,kind', ...rows.map((r) => `${r.size},${r.colour},${r.price},${r.kind}`)].join('\n');

describe('csv', () => {
  it('makes numbers of columns: numeric ones standardised on train alone, text one-hot', async () => {
    const { train, test } = await csv(text, { label: 'kind' });
    expect(train.example.layout === 'vector' && train.example.columns.map((c) => c.name)).toEqual([
      'size',
      'colour=blue',
      'colour=green',
      'colour=red',
      'price',
    ]);
    expect(train.classes).toEqual(['cat', 'dog']);
    const all = contents(train).map(({ x }) => x);
    for (const j of [0, 4]) {
      const column = all.map((x) => x[j]!);
      const mean = column.reduce((a, b) => a + b) / column.length;
      expect(mean).toBeCloseTo(0, 5);
      expect(column.reduce((a, b) => a + b * b, 0) / column.length).toBeCloseTo(1, 4);
    }
    for (const x of all) expect(x[1]! + x[2]! + x[3]!).toBe(1);
    const sizes = Array.from({ length: train.size }, (_, i) => Number(train.row(i)!.size));
    const mean = sizes.reduce((a, b) => a + b) / sizes.length;
    const std = Math.sqrt(sizes.reduce((a, b) => a + (b - mean) ** 2, 0) / sizes.length);
    const column = test.example.layout === 'vector' ? test.example.columns[0]! : null;
    expect(column).toMatchObject({ mean: expect.closeTo(mean, 4), std: expect.closeTo(std, 4) });
    contents(test).forEach(({ x }, i) => {
      expect(x[0]).toBeCloseTo((Number(test.row(i)!.size) - mean) / std, 4);
    });
    expect(train.row(0)).toMatchObject({ colour: expect.stringMatching(/red|green|blue/), price: expect.any(Number) });
  });

  it('standardises targets and knows the way back', async () => {
    const { train, test } = await csv(text, { targets: ['price'], features: ['size'] });
    expect(train.targets[0]?.name).toBe('price');
    for (const part of [train, test]) {
      contents(part).forEach(({ target }, i) => {
        expect(unscale(part.targets[0]!, target[0]!)).toBeCloseTo(1000 + 3 * Number(part.row(i)!.size), 2);
      });
    }
    const y = contents(train).map(({ target }) => target[0]!);
    expect(y.reduce((a, b) => a + b) / y.length).toBeCloseTo(0, 5);
  });

  it('keeps the digits of large numbers', async () => {
    const { train } = await csv(`t,y\n${Array.from({ length: 20 }, (_, i) => `${1_700_000_000 + i},${i % 2}`).join('\n')}`, {
      label: 'y',
    });
    expect(new Set(contents(train).map(({ x }) => x[0])).size).toBe(train.size);
  });

  it('leaves features alone on request, and reads .gz, other delimiters, positions and files without header', async () => {
    const body = gzipSync(rows.map((r) => `${r.size};${r.kind}`).join('\n'));
    const { train } = await csv(body, { header: false, delimiter: ';', label: -1, standardise: false });
    const byRow = contents(train).map(({ x, label }) => [x[0], label]);
    expect(byRow[5]).toEqual([Number(train.row(5)!['0']), Number(train.row(5)!['0']) % 2]);
  });

  it('takes the test part from its own file, by the words of train', async () => {
    const { test } = await csv(
      text,
      { label: 'kind', testPath: 'b.csv' },
      { 'b.csv': 'size,colour,price,kind\n500,red,1,dog\n' },
    );
    expect(test.size).toBe(1);
    expect(test.label(0)).toBe(1);
    const other = csv(text, { label: 'kind', testPath: 'b.csv' }, { 'b.csv': 'size,colour,price,kind\n5,red,1,cow\n' });
    expect((await failure(other)).message).toMatch(/b\.csv, line 2, column 'kind': class 'cow'; expected one of cat, dog/);
    const wrong = csv(text, { label: 'kind', testPath: 'b.csv' }, { 'b.csv': 'size,price,kind\n5,1,cat\n' });
    expect((await failure(wrong)).message).toMatch(/b\.csv: the columns size, price, kind; expected those of/);
  });

  describe('with missing cells', () => {
    const gaps = ['a,b,y', ...Array.from({ length: 30 }, (_, i) => `${i % 5 === 0 ? '?' : i},${i},${i % 2}`)].join('\n');
    it('stops by default, naming each', async () => {
      const error = await failure(csv(gaps, { label: 'y' }));
      expect(error.issues).toHaveLength(6);
      expect(error.issues[0]).toMatchObject({
        where: expect.stringMatching(/a\.csv, line 2, column 'a'$/),
        found: 'the cell is empty',
      });
    });
    it('drops rows', async () => {
      const { train, test } = await csv(gaps, { label: 'y', missing: 'drop' });
      expect(train.size + test.size).toBe(24);
    });
    it('puts the mean of train', async () => {
      const { train, test } = await csv(gaps, { label: 'y', missing: 'mean' });
      expect(train.size + test.size).toBe(30);
      for (const part of [train, test]) {
        contents(part).forEach(({ x }, i) => {
          if (part.row(i)!.a === '') expect(x[0]).toBe(0);
        });
      }
      const raw = await csv(gaps, { label: 'y', missing: 'mean', standardise: false });
      const known = contents(raw.train).filter((_, i) => raw.train.row(i)!.a !== '');
      const mean = known.reduce((n, { x }) => n + x[0]!, 0) / known.length;
      contents(raw.test).forEach(({ x }, i) => {
        expect(x[0]).toBeCloseTo(raw.test.row(i)!.a === '' ? mean : Number(raw.test.row(i)!.a), 4);
      });
    });
    it('reads an empty label as unlabelled, and no target as an error', async () => {
      const some = ['a,y', ...Array.from({ length: 30 }, (_, i) => `${i},${i < 10 ? '' : i % 2}`)].join('\n');
      const { train } = await csv(some, { label: 'y' });
      expect(contents(train).filter(({ label }) => label === -1)).toHaveLength(10);
      expect((await failure(csv(some, { targets: ['y'] }))).issues).toHaveLength(10);
    });
  });

  it.each<[string, string | Uint8Array, Record<string, unknown>, RegExp]>([
    ['ragged rows', 'a,y\n1,0\n1,2,3\n4\n', { label: 'y' }, /line 3: 3 cells; expected 2.*\n.*line 4: 1 cells/],
    ['NULs', 'a,y\n1,0\n\0,1\n', { label: 'y' }, /line 3: a NUL byte; expected text in UTF-8/],
    ['bytes that are not UTF-8', Buffer.from([97, 10, 0xff, 0xfe, 10]), {}, /not UTF-8/],
    ['a cell that is no number', 'a,y\n1,0\n2,1\nx3,1\n', { label: 'y' }, /line 4, column 'a': 'x3'; expected a number/],
    ['numbers beyond float32', 'a,y\n1,0\n1e39,1\n', { label: 'y' }, /'1e39'/],
    ['hexadecimal and infinite cells', 'a,y\n1,0\n0x10,1\nInfinity,1\n', { label: 'y' }, /'0x10'.*\n.*'Infinity'/],
    ['an open quote', 'a,y\n"1,0\n2,1\n', { label: 'y' }, /[Qq]uote/],
    ['nothing but a header', 'a,y\n', { label: 'y' }, /no rows/],
    ['an empty file', '', { label: 'y' }, /no rows/],
    [
      'unknown columns',
      'a,y\n1,0\n2,1\n',
      { label: 'z', features: ['a', 'b'], categorical: [7] },
      /no column 'z'.*\n.*no column 'b'.*\n.*column 7; expected -2 to 1/,
    ],
    ['a name used twice', 'a,a,y\n1,2,0\n2,3,1\n', { label: 'y', features: ['a'] }, /2 columns called 'a'.*position: 0 or 1/],
    ['label and targets', 'a,y,z\n1,0,1\n2,1,1\n', { label: 'y', targets: ['z'] }, /both `label` and `targets`/],
    ['the label among the features', 'a,y\n1,0\n2,1\n', { label: 'y', features: ['a', 'y'] }, /'y' is also to be predicted/],
    ['one class', 'a,y\n1,0\n2,0\n', { label: 'y' }, /1 classes; expected at least two/],
    [
      'free text',
      `a,y\n${Array.from({ length: 1100 }, (_, i) => `t${i},${i % 2}`).join('\n')}`,
      { label: 'y' },
      /1100 different texts/,
    ],
  ])('says what is wrong with %s', async (_, content, options, message) => {
    expect((await failure(csv(content, options))).message).toMatch(message);
  });

  it('counts what it does not list', async () => {
    const error = await failure(csv(`a,y\n1,0\n${'x,1\n'.repeat(50)}`, { label: 'y' }));
    expect(error.issues).toHaveLength(21);
    expect(error.message).toMatch(/30 more problems/);
  });

  it('says that the file is missing', async () => {
    expect((await failure(load({ kind: 'csv', path: 'none.csv' }, folderWith({})))).message).toMatch(
      /none\.csv: there is no such file/,
    );
  });
});

describe('jsonl', () => {
  it('reads objects as csv reads rows', async () => {
    const a = await jsonl(rows, { label: 'kind' });
    const b = await csv(text, { label: 'kind' });
    expect(contents(a.train)).toEqual(contents(b.train));
    expect(a.train.row(3)).toEqual(b.train.row(3));
  });

  it('spreads lists over columns, and reads lists without keys', async () => {
    const lists = Array.from({ length: 30 }, (_, i) => [i, i * i, i % 2]);
    const { train } = await jsonl(
      lists.map(([a, b, y]) => ({ x: [a, b], y })),
      { label: 'y', features: ['x'], standardise: false },
    );
    expect(train.example.layout === 'vector' && train.example.columns.map((c) => c.name)).toEqual(['x[0]', 'x[1]']);
    const bare = await jsonl(lists, { label: -1, standardise: false });
    expect(contents(bare.train)).toEqual(contents(train));
  });

  it.each<[string, unknown[], RegExp]>([
    ['a line that is not JSON', [{ a: 1, y: 0 }, '{"a": 1, "y"'], /a\.jsonl, line 2: .*expected one JSON value a line/],
    ['a line that is no object', [{ a: 1, y: 0 }, '7'], /line 2: a number; expected an object or a list/],
    [
      'an unknown key',
      [
        { a: 1, y: 0 },
        { a: 1, y: 1, c: 3 },
      ],
      /line 2: 'c', which the first row does not have/,
    ],
    [
      'lists of different length',
      [
        { a: [1, 2], y: 0 },
        { a: [1, 2, 3], y: 1 },
      ],
      /'a\[2\]', which the first row/,
    ],
    ['nested objects', [{ a: { b: 1 }, y: 0 }], /'a' is object/],
    ['a missing key', [{ a: 1, y: 0 }, { y: 1 }], /line 2, column 'a': the cell is empty/],
  ])('says what is wrong with %s', async (_, lines, message) => {
    expect((await failure(jsonl(lines, { label: 'y' }))).message).toMatch(message);
  });
});
