import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contents, failure, folderWith, load } from './fixture.ts';

const rows = Array.from({ length: 20 }, (_, i) => ({ a: i, b: 3 * i + 1, kind: ['cat', 'dog'][i % 2]! }));
const left = ['a,kind', ...rows.map((r) => `${r.a},${r.kind}`)].join('\n');
const right = ['b,0,kind', ...rows.map((r) => `${r.b},${r.a * r.a},${r.kind}`)].join('\n');

const views = (files: Readonly<Record<string, string>>, options: Record<string, unknown> = {}) => {
  const named = Object.fromEntries(Object.keys(files).map((name) => [name, `${name}.csv`]));
  const folder = folderWith(Object.fromEntries(Object.entries(files).map(([name, text]) => [`${name}.csv`, text])));
  return load({ kind: 'csv', views: named, label: 'kind', validation: 0, test: 4, standardise: false, ...options }, folder);
};

describe('views of the same rows', () => {
  it('are one table with the name of the view before each column, and the class once', async () => {
    for (const label of ['kind', -1]) {
      const { name, train, test } = await views({ left, right }, { label });
      expect(name).toBe('left + right');
      expect(train.example.layout === 'vector' && train.example.columns.map((c) => c.name)).toEqual([
        'left.a',
        'right.b',
        'right.0',
      ]);
      expect(train.classes).toEqual(['cat', 'dog']);
      for (const { x, label } of [...contents(train), ...contents(test)]) {
        expect(x.slice(1)).toEqual([3 * x[0]! + 1, x[0]! * x[0]!]);
        expect(label).toBe(x[0]! % 2);
      }
    }
  });

  it('may have the class in one of them, and a class that one view names has it alone', async () => {
    const bare = left.replaceAll(/,(kind|cat|dog)$/gm, '');
    expect((await views({ bare, right })).train.example.shape).toEqual([3]);
    const { train } = await views({ left, right }, { label: 'right.kind' });
    expect(train.example.layout === 'vector' && train.example.columns.map((c) => c.name)).toContain('left.kind=cat');
  });

  it('are refused where they are not of the same rows', async () => {
    expect((await failure(views({ left, short: right.split('\n').slice(0, -1).join('\n') }))).message).toMatch(
      /^data\.views\.short: 19 rows in .*short\.csv; expected 20, as many as in .*left\.csv: row i of every view is the same example/,
    );
    const shuffled = [right.split('\n')[0], ...right.split('\n').slice(1).reverse()].join('\n');
    expect((await failure(views({ left, shuffled }))).message).toMatch(
      /shuffled\.csv, line 2, column 'kind': class 'dog'; expected 'cat' as in .*left\.csv, line 2/,
    );
    expect((await failure(views({ left, ragged: `${right}\n1` }))).message).toMatch(/ragged\.csv, line 22: 1 cells; expected 3/);
  });

  it('are refused where options do not fit', async () => {
    expect((await failure(views({ left, right }, { label: 'sort' }))).message).toMatch(
      /data\.label: no view has a column 'sort'; expected .*left: a, kind; right: b, 0, kind/,
    );
    expect((await failure(views({ left, right }, { path: 'left.csv' }))).message).toMatch(/both `path` and `views`/);
    expect((await failure(load({ kind: 'csv', label: 'kind' }))).message).toMatch(/neither `path` nor `views`/);
    expect((await failure(views({ left, right }, { testPath: 'left.csv' }))).message).toMatch(/beside `views`/);
  });

  it.skipIf(!existsSync('data/mfeat'))('make one table of two views of mfeat', async () => {
    const named = ['mor', 'zer'].map((v) => [v, `data/mfeat/mfeat-${v}.csv.gz`]);
    const { train } = await load({ kind: 'csv', views: Object.fromEntries(named), label: -1 });
    expect(train.example.shape).toEqual([6 + 47]);
    expect(train.classes).toHaveLength(10);
  });
});
