import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { grad } from '../../src/autodiff/grad.ts';
import type { Spreads } from '../../src/data/dataset.ts';
import type { Value } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { div, mul } from '../../src/ops/elementwise.ts';
import { sum } from '../../src/ops/reduce.ts';
import { inputsSchema } from '../../src/synthesis/inputs/list.ts';
import { apart } from '../support/golden.ts';
import { evaluate, numbers } from '../support/ort.ts';
import { built, picture, subject, vector } from './inputs-built.ts';

/** Numbers in ±0.5, as the script of the reference makes them. */
const repeatable = (seed: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => ((i * 7919 + seed * 104729 + 13) % 1009) / 1009 - 0.5);
/** A sum of everything with different weights. */
const weighed = (x: Value, seed = 9): Value =>
  sum(mul(x, x.graph.constant(tensor('float32', x.shape as number[], repeatable(seed, sizeOf(x.shape))))));
const small = { latent: 6, channels: 2, width: 8 };
const seenOf = async (of: ReturnType<typeof built>, feeds: Readonly<Record<string, Tensor>>): Promise<number[]> =>
  numbers((await evaluate({ seen: of.batch.seen }, feeds)).seen!);
/** Gradients of a loss by the names of what is learnt. */
async function slopesOf(
  of: ReturnType<typeof built>,
  loss: Value,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Map<string, number[]>> {
  const slopes = grad(
    loss,
    of.trained.map((t) => t.value),
  );
  const found = await evaluate(Object.fromEntries(slopes.map((slope, i) => [`slope ${i}`, slope])), feeds);
  return new Map(of.trained.map(({ name }, i) => [name, numbers(found[`slope ${i}`]!)]));
}
const moments = (list: readonly number[]): { mean: number; std: number } => {
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  return { mean, std: Math.sqrt(list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length) };
};

describe('examples that a synthesiser makes', () => {
  const kinds = [
    { kind: 'noise' },
    { kind: 'noise', distribution: 'gaussian' },
    { kind: 'optimised' },
    { kind: 'generator', ...small },
    { kind: 'generator', conditional: true, ...small },
    { kind: 'latent', ...small },
  ];

  it('have the shape of pictures of any size, within 0…1', async () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 4, max: 40 }), fc.integer({ min: 4, max: 40 }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...kinds), sizes, async (options, [c, h, w]) => {
        const of = built(options, subject(picture(c, h, w), 2));
        expect(of.batch.clean.shape).toEqual([2, c, h, w]);
        const seen = await seenOf(of, of.feeds());
        expect(seen).toHaveLength(2 * c * h * w);
        const limits = options.kind === 'optimised' ? [-Infinity, Infinity] : [0, 1];
        expect(seen.every((v) => v >= limits[0]! && v <= limits[1]!)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('have the shape of vectors of any length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 50 }), async (options, d) => {
        const of = built(options, subject(vector(d)));
        expect(of.batch.clean.shape).toEqual([4, d]);
        expect((await seenOf(of, of.feeds())).every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [40, 10],
    [64, 8],
    [100, 13],
    [224, 14],
  ])('of %d pixels begin as %d', (size, start) => {
    const { trained } = built({ kind: 'generator', ...small }, subject(picture(3, size, size), 2));
    expect(trained.find(({ name }) => name === 'inputs.start.bias')!.shape).toEqual([4 * start * start]);
  });

  it('are spread as the data where they are vectors, Gaussian noise or standardised', async () => {
    const { spreads } = subject(vector(2));
    const whole = subject(vector(2), 4000);
    for (const options of [
      { kind: 'noise' },
      { kind: 'noise', distribution: 'gaussian' },
      { kind: 'optimised' },
      { kind: 'optimised', init: 'uniform' },
      { kind: 'generator', ...small },
    ]) {
      const of = built(options, whole);
      const seen = await seenOf(of, of.feeds());
      for (const c of [0, 1]) {
        const { mean, std } = moments(seen.filter((_, i) => i % 2 === c));
        expect(mean).toBeCloseTo(spreads.mean[c]!, 1.5);
        expect(std / spreads.std[c]!).toBeCloseTo(1, 1);
      }
    }
    const wide = built({ kind: 'optimised', std: 3 }, whole);
    expect(moments(numbers(wide.feeds()['inputs.batch']!)).std).toBeCloseTo(3, 0);
  });

  it('are a function of the seed and of the step', async () => {
    const of = built({ kind: 'generator', ...small, jitter: 2, flip: true }, subject(picture(1, 8, 8)));
    expect(await seenOf(of, of.feeds(3))).toEqual(await seenOf(of, of.feeds(3)));
    expect(await seenOf(of, of.feeds(3))).not.toEqual(await seenOf(of, of.feeds(4)));
  });

  it('of a class depend on it, and say which', async () => {
    const of = built({ kind: 'generator', conditional: true, ...small }, subject(vector(3), 6));
    const feeds = of.feeds();
    const rows = numbers(feeds['inputs.classes.drawn']!);
    expect(of.batch.classes!.shape).toEqual([6, 5]);
    for (let i = 0; i < 6; i++) expect(rows.slice(i * 5, i * 5 + 5).sort()).toEqual([0, 0, 0, 0, 1]);
    const other = tensor('float32', [6, 5], [...rows.slice(-1), ...rows.slice(0, -1)]);
    expect(await seenOf(of, { ...feeds, 'inputs.classes.drawn': other })).not.toEqual(await seenOf(of, feeds));
  });
});

describe('what is learnt of examples', () => {
  const learners = [
    { kind: 'optimised' },
    { kind: 'generator', ...small },
    { kind: 'generator', ...small, architecture: 'mlp' },
    { kind: 'generator', ...small, end: 'standardised', conditional: true, jitter: 1, flip: true },
    { kind: 'latent', ...small },
  ];

  it.each(learners)('has a gradient that is not zero: %o', async (options) => {
    const of = built(options, subject(picture(2, 9, 7)));
    for (const [name, slope] of await slopesOf(of, weighed(of.batch.seen), of.feeds())) {
      expect([name, Math.max(...slope.map(Math.abs)) > 1e-5]).toEqual([name, true]);
    }
  });

  it('has the gradient that differences say', async () => {
    const of = built({ kind: 'generator', latent: 3, width: 4, conditional: true }, subject(vector(3), 6));
    const loss = div(weighed(of.batch.seen), 6);
    const feeds = of.feeds();
    const found = await slopesOf(of, loss, feeds);
    const [h, rows] = [2e-3, []] as [number, { wanted: number; slope: number }[]];
    for (const { name } of of.trained) {
      const given = feeds[name]!;
      for (const place of [0, Math.floor(given.data.length / 2)]) {
        const at = async (by: number): Promise<number> => {
          const data = Float32Array.from(given.data as Float32Array);
          data[place]! += by;
          return numbers((await evaluate({ loss }, { ...feeds, [name]: { ...given, data } })).loss!)[0]!;
        };
        rows.push({ wanted: ((await at(h)) - (await at(-h))) / (2 * h), slope: found.get(name)![place]! });
      }
    }
    expect(apart(rows.map((r) => r.slope), rows.map((r) => r.wanted))).toBeLessThan(2e-2); // biome-ignore format: one call
  });

  it('starts anew in each round as it is told', () => {
    const of = (options: object) => built({ kind: 'latent', ...small, ...options }, subject(vector(3)));
    const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
    const restart = of({});
    expect(names(restart.made.params)).toEqual([]);
    expect(names(restart.made.restarted)).toContain('inputs.generator.fc1.weight');
    const keep = of({ generator: 'keep' });
    expect(names(keep.made.restarted)).toEqual(['inputs.codes']);
    expect(names(keep.made.params)).toContain('inputs.generator.fc1.weight');
    const meta = of({ generator: 'meta', rate: 0.25 });
    expect(meta.restarts.filter(({ how }) => how?.learnt?.rate === 0.25).length).toBe(meta.trained.length - 1);
    expect(meta.restarts.find(({ name }) => name === 'codes')?.how?.learnt).toBeUndefined();
  });

  it('is put back into 0…1 where it is to be clipped', async () => {
    const of = built({ kind: 'optimised' }, subject(picture(2, 4, 4)));
    const { spreads } = subject(picture(2, 4, 4));
    const batch = of.trained[0]!;
    const projected = of.restarts[0]!.how!.project!(batch.value);
    const given = tensor('float32', batch.shape, repeatable(3, sizeOf(batch.shape)).map((v) => v * 20)); // biome-ignore format: one call
    const { found } = await evaluate({ found: projected }, { [batch.name]: given });
    numbers(given).forEach((v, i) => {
      const c = Math.floor(i / 16) % 2;
      const view = Math.min(Math.max(v * spreads.std[c]! + spreads.mean[c]!, 0), 1);
      expect(numbers(found!)[i]! * spreads.std[c]! + spreads.mean[c]!).toBeCloseTo(view, 5);
    });
    expect(built({ kind: 'optimised', clip: false }, subject(picture(1, 4, 4))).restarts[0]!.how?.project).toBeUndefined();
    expect(built({ kind: 'optimised' }, subject(vector(4))).restarts[0]!.how?.project).toBeUndefined();
  });
});

describe('moves of a batch', () => {
  const [c, h, w] = [2, 5, 6];
  const mod = (a: number, n: number): number => ((a % n) + n) % n;

  /** The roll and the mirror image that explain what is seen. */
  function explained(clean: readonly number[], seen: readonly number[], reach: number) {
    const all = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
    const ways = all.flatMap((down) => all.flatMap((right) => [false, true].map((mirrored) => ({ down, right, mirrored }))));
    return ways.filter(({ down, right, mirrored }) =>
      seen.every((v, i) => {
        const [x, y, picture] = [i % w, Math.floor(i / w) % h, Math.floor(i / (w * h))];
        const column = mod((mirrored ? w - 1 - x : x) - right, w);
        return v === clean[(picture * h + mod(y - down, h)) * w + column];
      }),
    );
  }

  it('are a roll of all pictures alike, and their mirror image now and then', async () => {
    const of = built({ kind: 'optimised', jitter: 2, flip: true }, subject(picture(c, h, w), 3));
    const seen = new Set<string>();
    for (let step = 0; step < 40; step++) {
      const found = await evaluate({ clean: of.batch.clean, seen: of.batch.seen }, of.feeds(step));
      const [way, ...others] = explained(numbers(found.clean!), numbers(found.seen!), 2);
      expect(way).toBeDefined();
      expect(others).toEqual([]);
      seen.add(`${way!.down}`).add(`right ${way!.right}`).add(`${way!.mirrored}`);
    }
    expect([...seen].sort()).toEqual(['-1', '-2', '0', '1', '2', 'false', ...[-1, -2, 0, 1, 2].map((n) => `right ${n}`), 'true']);
  });

  it('leave the batch alone where none is asked for', () => {
    const { batch } = built({ kind: 'optimised' }, subject(picture(c, h, w)));
    expect(batch.seen).toBe(batch.clean);
  });

  it('send gradients back to where the pixels came from', async () => {
    const of = built({ kind: 'optimised', jitter: 2, flip: true, std: 0.5 }, subject(picture(c, h, w), 2));
    const { spreads } = subject(picture(c, h, w));
    const square = sum(mul(of.batch.seen, of.batch.seen));
    const [slope] = grad(square, [of.trained[0]!.value]);
    const found = await evaluate({ slope: slope!, clean: of.batch.clean }, of.feeds(7));
    const wanted = numbers(found.clean!).map((v, i) => 2 * v * spreads.std[Math.floor(i / (h * w)) % c]!);
    expect(apart(numbers(found.slope!), wanted)).toBeLessThan(1e-5);
  });
});

describe('inputs that do not fit', () => {
  const text = { vocabulary: 9, special: { pad: 0, unknown: null, first: null, separator: null, mask: null }, files: {} };
  const tokens = { ...subject(picture(1, 4, 4)), example: { layout: 'tokens', shape: [2, 8], text } as const };
  it.each([
    [{ kind: 'generator', architecture: 'convolutional' }, subject(vector(3)), 'expected mlp'],
    [{ kind: 'latent', end: 'sigmoid' }, subject(vector(3)), 'expected standardised'],
    [{ kind: 'optimised', jitter: 2 }, subject(vector(3)), 'expected pictures'],
    [{ kind: 'noise' }, tokens, 'found texts'],
    [{ kind: 'optimised' }, tokens, 'found texts'],
    [{ kind: 'generator' }, tokens, 'found texts'],
  ])('say so: %o', (options, of, message) => {
    expect(() => built(options, of)).toThrow(message);
  });

  it('have strict options', () => {
    expect(() => inputsSchema.parse({ kind: 'noise', jitter: 2 })).toThrow();
  });
});

interface Case {
  readonly note: string;
  readonly example: number[];
  readonly batch: number;
  readonly spreads: Spreads;
  readonly options: { readonly latent: number };
  readonly view: number[];
  readonly parameters: readonly { readonly name: string; readonly shape: number[]; readonly gradient: number[] }[];
}

describe('generators.json against PyTorch', () => {
  const file = new URL('../fixtures/golden/generators.json', import.meta.url);
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };

  test.each(cases)('$note', async ({ example, batch, spreads, options, view, parameters }) => {
    const layout = example.length === 3 ? picture(example[0]!, example[1]!, example[2]!) : vector(example[0]!);
    const of = built({ kind: 'generator', ...options }, { example: layout, batchSize: batch, outputs: 2, spreads });
    expect(of.trained.map(({ name, shape }) => ({ name: name.replace('inputs.', ''), shape }))).toEqual(
      parameters.map(({ name, shape }) => ({ name, shape })),
    );
    const weights = parameters.map(({ name, shape }, k) => {
      const shift = name.startsWith('norm') && name.endsWith('weight') ? 1 : 0;
      const values = repeatable(k, sizeOf(shape)).map((v) => v * (shape.length === 1 ? 0.4 : 0.8) + shift);
      return [`inputs.${name}`, tensor('float32', shape, values)] as const;
    });
    const codes = repeatable(77, batch * options.latent).map((v) => v * 3);
    const feeds = { ...Object.fromEntries(weights), 'inputs.codes': tensor('float32', [batch, options.latent], codes) };
    const slopes = await slopesOf(of, div(weighed(of.batch.seen), batch), feeds);
    expect(apart(await seenOf(of, feeds), view)).toBeLessThan(1e-5);
    for (const { name, gradient } of parameters) {
      expect([name, apart(slopes.get(`inputs.${name}`)!, gradient) < 1e-4]).toEqual([name, true]);
    }
  });
});
