import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox, random, xoshiro } from '../../src/data/random.ts';

const block = (counter: readonly number[], key: readonly number[]) => {
  const out = new Uint32Array(4);
  philox(out, counter[0]!, counter[1]!, counter[2]!, counter[3]!, key[0]!, key[1]!);
  return Array.from(out, (w) => w.toString(16).padStart(8, '0'));
};

const correlation = (a: Float32Array, b: Float32Array) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - 0.5) * (b[i]! - 0.5);
  return (sum / a.length) * 12;
};

describe('philox', () => {
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8'],
    ],
    [
      [-1, -1, -1, -1],
      [-1, -1],
      ['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd'],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      ['d16cfe09', '94fdcceb', '5001e420', '24126ea1'],
    ],
  ])('gives the published block for counter %j', (counter, key, expected) => {
    expect(block(counter, key)).toEqual(expected);
  });
});

describe('xoshiro128++', () => {
  it('gives the published words for the state 1, 2, 3, 4', () => {
    const next = xoshiro(1, 2, 3, 4);
    expect(Array.from({ length: 6 }, () => next() >>> 0)).toEqual([641, 1573767, 3222811527, 3517856514, 836907274, 4247214768]);
  });
});

describe('random', () => {
  it('repeats itself for the same key and for no other', () => {
    const first = (r: ReturnType<typeof random>) => [r.uint32(), r.uint32(), r.uint32(), r.uint32(), r.uint32()];
    expect(first(random(1, 'a', 2))).toEqual(first(random(1, 'a', 2)));
    const keys = [
      random(1, 'a', 3),
      random(2, 'a', 2),
      random(1, 'b', 2),
      random(1, 'a', 2 + 2 ** 32),
      random(1 + 2 ** 32, 'a', 2),
      random(1.5, 'a', 2),
      random(-1, 'a', 2),
    ];
    const words = new Set([random(1, 'a', 2), ...keys].flatMap(first));
    expect(words.size).toBe(5 * (keys.length + 1));
  });

  it('keeps a golden stream', () => {
    const r = random(7, 'golden', 3);
    expect([r.uint32(), r.uint32(), r.integer(10), r.uint32()]).toMatchInlineSnapshot(`
      [
        4211118897,
        2818129559,
        2,
        637421219,
      ]
    `);
  });

  it('is uniform', () => {
    const x = new Float32Array(400_001);
    random(3, 'uniform').fillUniform(x);
    const bins = new Float64Array(64);
    let sum = 0;
    let squares = 0;
    let outside = 0;
    for (const v of x) {
      if (!(v >= 0 && v < 1)) outside++;
      bins[Math.floor(v * 64)]!++;
      sum += v;
      squares += v * v;
    }
    expect(outside).toBe(0);
    const mean = sum / x.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / x.length));
    expect(Math.abs(squares / x.length - mean * mean - 1 / 12)).toBeLessThan(5e-4);
    const expected = x.length / 64;
    const chi = bins.reduce((a, n) => a + (n - expected) ** 2 / expected, 0);
    expect(chi).toBeGreaterThan(30);
    expect(chi).toBeLessThan(110);
    expect(Math.abs(correlation(x.subarray(0, 400_000), x.subarray(1, 400_001)))).toBeLessThan(0.008);
  });

  it('is normal', () => {
    const x = new Float32Array(200_002);
    const r = random(4, 'normal');
    r.fillNormal(x);
    const moment = (p: number) => x.reduce((a, v) => a + v ** p, 0) / x.length;
    expect(Math.abs(moment(1))).toBeLessThan(0.01);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.015);
    expect(Math.abs(moment(3))).toBeLessThan(0.04);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.12);
    const single = Array.from({ length: 20_000 }, () => r.normal());
    expect(Math.abs(single.reduce((a, v) => a + v, 0) / single.length)).toBeLessThan(0.03);
    expect(Math.abs(single.reduce((a, v) => a + v * v, 0) / single.length - 1)).toBeLessThan(0.04);
  });

  it.each([0, 0.004, 0.1, 0.25, 0.5, 0.999])('leaves out a share of %d', (share) => {
    const x = new Uint8Array(200_000);
    random(4, 'kept', share).fillKept(x, share);
    expect(x.filter((v) => v > 1).length).toBe(0);
    const out = x.filter((v) => v === 0).length / x.length;
    expect(Math.abs(out - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / x.length) + 1e-12);
    // Nor do neighbours, which share a word, go together.
    const pairs = x.filter((v, i) => v === 0 && x[i + 1] === 0).length / x.length;
    expect(Math.abs(pairs - share * share)).toBeLessThan(0.005);
  });

  it('gives streams without correlation for neighbouring seeds, steps and purposes', () => {
    const draw = (...key: [number, string, number]) => {
      const x = new Float32Array(50_000);
      random(...key).fillUniform(x);
      return x;
    };
    const base = draw(0, 'p', 0);
    for (const other of [draw(1, 'p', 0), draw(0, 'p', 1), draw(0, 'q', 0), draw(0, 'pp', 0), draw(0, '', 0)]) {
      expect(Math.abs(correlation(base, other))).toBeLessThan(0.02);
    }
  });

  it('draws integers below n, all of them about equally often', () => {
    const r = random(5, 'integer');
    const counts = new Float64Array(7);
    for (let i = 0; i < 70_000; i++) counts[r.integer(7)]!++;
    for (const n of counts) expect(Math.abs(n - 10_000)).toBeLessThan(450);
    expect(r.integer(1)).toBe(0);
    // Without rejection the lower third would come up half of the time.
    const low = Array.from({ length: 3000 }, () => r.integer(3 * 2 ** 30)).filter((x) => x < 2 ** 30).length;
    expect(Math.abs(low - 1000)).toBeLessThan(110);
    expect(() => r.integer(0)).toThrow(/internal/);
  });

  it('permutes', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer(), (n, seed) => {
        const order = random(seed, 'permutation').permutation(n);
        expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
    const places = new Float64Array(4);
    for (let i = 0; i < 4000; i++) places[random(i, 'place').permutation(4).indexOf(0)]!++;
    for (const n of places) expect(Math.abs(n - 1000)).toBeLessThan(130);
    const list = ['a', 'b', 'c', 'd', 'e'];
    random(1, 'shuffle').shuffle(list);
    expect([...list].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
