import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dataset, type ExampleType, plainVector } from '../../src/data/dataset.ts';
import { DataError } from '../../src/data/error.ts';
import { random } from '../../src/data/random.ts';
import { answered, type Block, type GatheredOptions, gather } from '../../src/data/synthetic/gathered.ts';
import { openMemory } from '../../src/programs/data-free/memory-file.ts';
import { placeForRuns } from '../support/runs.ts';
import { contents, failure, folderWith, load } from './fixture.ts';

const place = placeForRuns('synthetic');
const example: ExampleType = { layout: 'image', shape: [1, 2, 2] };
const options = (more: Partial<GatheredOptions> = {}): GatheredOptions => ({
  name: 'made up',
  example,
  classes: ['a', 'b', 'c'],
  targets: [],
  spreads: null,
  capacity: null,
  replace: 'oldest',
  seed: 1,
  ...more,
});
/** Blocks of a few examples, the same for the same number. */
const block = (n: number, size = 4): Block => {
  const draws = random(7, 'block', n);
  const x = new Float32Array(4 * size);
  draws.fillUniform(x);
  const outputs = new Float32Array(3 * size);
  draws.fillNormal(outputs);
  return answered(x, outputs, options());
};
const firsts = (dataset: Dataset): readonly number[] => contents(dataset).map(({ x }) => x[0]!);
const firstsOf = (blocks: readonly Block[]): readonly number[] =>
  blocks.flatMap(({ x }) => Array.from({ length: x.length / 4 }, (_, i) => x[4 * i]!));

describe('a memory of made-up examples', () => {
  it('is a data set with what the teacher says as classes', () => {
    const memory = gather(options({ spreads: { mean: [0.5], std: [0.2] } }));
    const x = Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7);
    memory.add(answered(x, Float32Array.of(1, 3, 2, 5, 5, 0), options()));
    const set = memory.dataset();
    expect(contents(set)).toEqual([
      { x: [0, 1, 2, 3], label: 1, target: [0, 1, 0] },
      { x: [4, 5, 6, 7], label: 0, target: [1, 0, 0] },
    ]);
    expect(set).toMatchObject({
      name: 'made up',
      size: 2,
      example,
      classes: ['a', 'b', 'c'],
      spreads: { mean: [0.5], std: [0.2] },
    });
  });

  it('holds values for data with values, and nothing where the teacher gives a vector', () => {
    const values = options({ example: plainVector(['p', 'q']), classes: null, targets: [{ name: 'y', mean: 1, std: 2 }] });
    const memory = gather(values);
    memory.add(answered(Float32Array.of(1, 2, 3, 4), Float32Array.of(0.5, 0.25), values));
    expect(contents(memory.dataset())).toEqual([
      { x: [1, 2], label: -1, target: [0.5] },
      { x: [3, 4], label: -1, target: [0.25] },
    ]);
    expect(memory.dataset().row(1)).toEqual({ p: 3, q: 4 });
    const vectors = options({ classes: null });
    const other = gather(vectors);
    other.add(answered(new Float32Array(8), Float32Array.of(9, 9, 9, 9), vectors));
    expect(other.dataset()).toMatchObject({ size: 2, classes: null, targets: [] });
  });

  it('reads texts with their lengths', () => {
    const text = { vocabulary: 9, special: { pad: 0, unknown: 1, first: null, separator: null, mask: null }, files: {} };
    const memory = gather(options({ example: { layout: 'tokens', shape: [2, 3], text }, classes: null }));
    memory.add({ x: Float32Array.of(5, 6, 0, 1, 1, 0, 7, 8, 4, 1, 2, 2), labels: null, targets: null });
    const set = memory.dataset();
    expect([set.length!(0), set.length!(1)]).toEqual([2, 3]);
    const out = new Float32Array(4);
    set.read(0, out, 0, 2);
    expect(Array.from(out)).toEqual([5, 6, 1, 1]);
  });

  it('keeps all, or the last ones, in any blocks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (sizes, capacity) => {
          const blocks = sizes.map((size, n) => block(n, size));
          const [all, some] = [gather(options()), gather(options({ capacity }))];
          for (const b of blocks) for (const memory of [all, some]) memory.add(b);
          const came = firstsOf(blocks);
          expect(firsts(all.dataset())).toEqual(came);
          expect(firsts(some.dataset()).toSorted()).toEqual(came.slice(-capacity).toSorted());
          expect([all.seen, some.seen, some.size]).toEqual([came.length, came.length, Math.min(capacity, came.length)]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps each with equal chance in a reservoir, the same ones for a seed however they came', () => {
    const kept = (seed: number, size: number): readonly number[] => {
      const memory = gather(options({ capacity: 5, replace: 'reservoir', seed }));
      const x = Float32Array.from({ length: 4 * 20 }, (_, i) => i >> 2);
      for (let from = 0; from < 20; from += size) {
        memory.add({ x: x.subarray(4 * from, 4 * (from + size)), labels: new Int32Array(size), targets: null });
      }
      return firsts(memory.dataset());
    };
    expect(kept(3, 1)).toEqual(kept(3, 10));
    const counts = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed++) for (const i of kept(seed, 20)) counts[i]!++;
    // 500 expected, standard deviation 19.4.
    expect(Math.max(...counts.map((c) => Math.abs(c - 500)))).toBeLessThan(80);
  });

  it('refuses numbers that are not finite, and blocks that do not fit', () => {
    const memory = gather(options());
    expect(() => memory.add({ x: Float32Array.of(0, 0, 0, Number.NaN), labels: Int32Array.of(0), targets: null })).toThrow(
      DataError,
    );
    expect(() => memory.add({ x: new Float32Array(5), labels: new Int32Array(1), targets: null })).toThrow('internal');
    expect(() => memory.add({ x: new Float32Array(4), labels: null, targets: null })).toThrow('internal');
    expect(memory.seen).toBe(0);
  });

  it('refuses more than a machine holds before it takes memory', () => {
    const large = options({ example: { layout: 'image', shape: [3, 10_000, 10_000] } });
    const x = { length: 3e9, findIndex: () => -1 } as unknown as Float32Array;
    expect(() => gather(large).add({ x, labels: new Int32Array(10), targets: null })).toThrow(
      /10 of 300000000 numbers.*capacity/,
    );
  });
});

const files = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));

describe('a memory on disk', () => {
  it.each([
    ['all', {}],
    ['the last', { capacity: 6 }],
    ['a reservoir', { capacity: 6, replace: 'reservoir' as const }],
  ])('goes on to the same bytes after it was cut back to a checkpoint: %s', async (_, more) => {
    const [straight, killed] = [join(folderWith({}), 'set'), join(folderWith({}), 'set')];
    const whole = await openMemory(straight, options(more));
    for (let n = 0; n < 12; n++) {
      await whole.append(block(n));
      await whole.settle();
    }
    for (let at = 0; at < 12; ) {
      const memory = await openMemory(killed, options(more), 4 * at);
      await memory.append(block(at));
      await memory.settle();
      at++;
      // What came after the checkpoint is lost.
      if (at < 12) for (const extra of [at, at + 1]) await memory.append(block(100 + extra, 3));
    }
    expect(files(killed)).toEqual(files(straight));
    const again = await openMemory(killed, options(more));
    expect(again.memory.held()).toEqual(whole.memory.held());
    expect(again.memory.seen).toBe(48);
    // What was replaced long ago is gone from the disk.
    if ('capacity' in more) expect(readdirSync(straight).length).toBeLessThan(7);
  });

  it('can be cut within a block', async () => {
    const folder = folderWith({});
    const { append } = await openMemory(folder, options());
    for (let n = 0; n < 3; n++) await append(block(n));
    const { memory } = await openMemory(folder, options(), 6);
    expect(firsts(memory.dataset())).toEqual(firstsOf([block(0), block(1)]).slice(0, 6));
  });

  it('ignores what a killed writer left', async () => {
    const folder = folderWith({ 'block-000000000004.bin.tmp': 'half' });
    const { append } = await openMemory(folder, options());
    await append(block(0));
    expect((await openMemory(folder, options(), 4)).memory.seen).toBe(4);
  });

  it('refuses another recipe, and a checkpoint that it does not reach', async () => {
    const folder = folderWith({});
    await (await openMemory(folder, options())).append(block(0));
    await expect(openMemory(folder, options({ seed: 2 }))).rejects.toThrow(/of another seed.*--force/);
    await expect(openMemory(folder, options(), 5)).rejects.toThrow(/found 4 .*expected the 5/);
  });
});

describe('synthetic data', () => {
  const gathered = async (more: Partial<GatheredOptions> = {}, blocks = 10): Promise<string> => {
    const folder = folderWith({});
    const { append } = await openMemory(join(folder, 'set'), options(more));
    for (let n = 0; n < blocks; n++) await append(block(n));
    return folder;
  };
  const open = (folder: string) => load({ kind: 'synthetic', path: 'set', validation: 5, test: 5 }, folder);

  it('is what was gathered, divided as any data', async () => {
    const { name, train, validation, test, notes } = await open(await gathered());
    expect([name, validation.size, test.size, train.size]).toEqual(['made-up examples of set', 5, 5, 30]);
    const all = [train, validation, test].flatMap(firsts).toSorted();
    expect(all).toEqual(firstsOf(Array.from({ length: 10 }, (_, n) => block(n))).toSorted());
    expect(train.classes).toEqual(['a', 'b', 'c']);
    expect(notes[0]).toContain('not accuracy');
  });

  it('can be what an ordinary run learns from, whose report says what its scores are', async () => {
    const { results, details } = await place.start(
      {
        data: { kind: 'synthetic', path: 'set' },
        student: { model: { kind: 'mlp', hidden: [3] } },
        training: { epochs: 1, batchSize: 8 },
        export: { int8: false },
      },
      { dataFolder: await gathered() },
    );
    expect(results.data).toMatchObject({ name: 'made-up examples of set', classes: ['a', 'b', 'c'] });
    expect(details.notes.join()).toContain('agreement with the teacher, not accuracy');
  });

  it('is the memory as it stood, where that replaced examples', async () => {
    const folder = await gathered({ capacity: 16, replace: 'reservoir' });
    const { memory } = await openMemory(join(folder, 'set'), options({ capacity: 16, replace: 'reservoir' }));
    const { train, validation, test } = await open(folder);
    expect([train, validation, test].flatMap(firsts).toSorted()).toEqual(firsts(memory.dataset()).toSorted());
  });

  it.each<[string, (set: string) => void, string]>([
    ['no folder', (set) => rmSync(set, { recursive: true }), 'no such file'],
    ['no facts', (set) => rmSync(join(set, 'set.json')), 'set.json'],
    ['facts that are no JSON', (set) => writeFileSync(join(set, 'set.json'), '{'), 'not JSON'],
    ['facts of something else', (set) => writeFileSync(join(set, 'set.json'), '{"version":1}'), 'set.json'],
    ['facts of other sizes', (set) => edit(set, { example: { layout: 'image', shape: [1, 2, 3] } }), '4 numbers'],
    ['facts of other classes', (set) => edit(set, { classes: ['a', 'b'] }), 'class 2'],
    ['vectors without columns', (set) => edit(set, { example: { layout: 'vector', shape: [4], columns: [] } }), '0 columns'],
    ['a missing block', (set) => rmSync(join(set, 'block-000000000008.bin')), 'block-000000000008.bin'],
    [
      'a block in the wrong place',
      (set) => renameSync(join(set, 'block-000000000036.bin'), join(set, 'block-000000000037.bin')),
      '36 to 37',
    ],
    ['no blocks', (set) => emptied(set), 'without examples'],
  ])('refuses %s', async (_, spoil, says) => {
    const folder = await gathered();
    spoil(join(folder, 'set'));
    const error = await failure(open(folder));
    expect(error.message).toContain(says);
    expect(error.fault).toBe('data');
  });

  it('refuses any block that is cut off or damaged', async () => {
    const folder = await gathered();
    const path = join(folder, 'set', 'block-000000000008.bin');
    const good = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, change, cut) => {
        const bad = Buffer.from(cut ? good.subarray(0, at) : good);
        if (!cut) bad[at]! ^= change;
        writeFileSync(path, bad);
        expect((await failure(open(folder))).message).toContain('block-000000000008.bin');
      }),
      { numRuns: 60 },
    );
    writeFileSync(path, Buffer.concat([good, good]));
    await failure(open(folder));
  });
});

function edit(set: string, change: object): void {
  const path = join(set, 'set.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
}

function emptied(set: string): void {
  for (const name of readdirSync(set)) if (name.startsWith('block')) rmSync(join(set, name));
}
