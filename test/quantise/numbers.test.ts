import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensor } from '../../src/graph/type.ts';
import { emptyHistogram, observe } from '../../src/quantise/calibrate/histogram.ts';
import { leastSquares, minMax, percentile, type RangeRule } from '../../src/quantise/calibrate/ranges.ts';
import { halfBits, halfTensor } from '../../src/quantise/half/bits.ts';
import { affineOf, quantiseBias, quantiseWeight, scalesForBias } from '../../src/quantise/int8/numbers.ts';
import { drawing } from './models.ts';

const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), {
  minLength: 1,
  maxLength: 60,
});
const seenIn = (...parts: readonly (readonly number[])[]) => {
  const h = emptyHistogram();
  for (const part of parts) observe(h, Float32Array.from(part));
  return h;
};

describe('8-bit weights', () => {
  it('come back within half a step, each channel with its own', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1), (list, axis) => {
        const shape = axis === 0 ? [1, list.length] : [list.length, 1];
        const weight = tensor('float32', shape, list);
        const { q, scales } = quantiseWeight(weight, axis);
        for (let i = 0; i < list.length; i++) {
          const scale = Number(scales.data[0]);
          expect(Math.abs(Number(weight.data[i]) - Number(q.data[i]) * scale)).toBeLessThanOrEqual(scale * 0.5001);
        }
      }),
    );
  });

  it('have exact scales for planted channels, on either axis', () => {
    const planted = tensor('float32', [2, 3], [127, 0, -0.5, 1, 0, 254]);
    expect(Array.from(quantiseWeight(planted, 0).scales.data as Float32Array)).toEqual([1, 2]);
    expect(Array.from(quantiseWeight(planted, 0).q.data as Int8Array)).toEqual([127, 0, 0, 1, 0, 127]);
    expect(Array.from(quantiseWeight(planted, 1).scales.data as Float32Array)).toEqual([1, 1, 2]);
    expect(Array.from(quantiseWeight(planted, 1, 63).q.data as Int8Array).every((v) => Math.abs(v) <= 63)).toBe(true);
  });

  it('leave room for a large bias beside small or absent weights', () => {
    const weight = tensor('float32', [2, 2], [0, 0, 1e-12, 0]);
    const bias = tensor('float32', [2], [3, -5]);
    const { scales } = quantiseWeight(weight, 0, 127, scalesForBias(bias, 0.1));
    const { q } = quantiseBias(bias, 0.1, scales);
    for (const c of [0, 1]) expect(Number(q.data[c]) * 0.1 * Number(scales.data[c])).toBeCloseTo(Number(bias.data[c]), 5);
  });
});

describe('8-bit activations', () => {
  it('hold zero exactly and every value of their range within a step', () => {
    fc.assert(
      fc.property(values, (list) => {
        const { scale, zero } = affineOf(minMax.range(seenIn(list)));
        expect(Number.isInteger(zero) && zero >= 0 && zero <= 255).toBe(true);
        for (const v of list) {
          const q = Math.min(255, Math.max(0, Math.round(v / scale) + zero));
          expect(Math.abs((q - zero) * scale - v)).toBeLessThanOrEqual(scale * 1.001);
        }
      }),
    );
  });

  it('survive what is constant', () => {
    expect(affineOf({ low: 0, high: 0 })).toEqual({ scale: 1, zero: 0 });
    expect(affineOf({ low: 2, high: 2 }).zero).toBe(0);
  });
});

describe('histograms', () => {
  it('are the same however the data comes in batches', () => {
    fc.assert(
      fc.property(values, fc.nat(60), (list, cut) => {
        const [whole, parts] = [seenIn(list), seenIn(list.slice(0, cut), list.slice(cut))];
        expect(parts.bins).toEqual(whole.bins);
        expect([parts.low, parts.high, parts.width]).toEqual([whole.low, whole.high, whole.width]);
        expect(whole.bins.reduce((a, b) => a + b)).toBe(list.length);
      }),
    );
  });

  it('count what is not finite apart', () => {
    const h = seenIn([1, Number.NaN, Number.POSITIVE_INFINITY, -2]);
    expect([h.strange, h.low, h.high]).toEqual([2, -2, 1]);
  });
});

describe('ranges', () => {
  const bulk = Array.from(drawing(5)([50_000]).data as Float32Array);

  it('take everything, or leave outliers out', () => {
    const seen = seenIn([...bulk, 300]);
    expect(minMax.range(seen).high).toBe(300);
    const { low, high } = percentile(99.9).range(seen);
    expect(high).toBeGreaterThan(2);
    expect(high).toBeLessThan(4.5);
    expect(low).toBeLessThan(-2);
  });

  it('of least squares leave no more error than the whole range', () => {
    for (const power of [1, 3, 5]) {
      const tailed = bulk.map((v) => v ** power);
      const error = (rule: RangeRule): number => {
        const { scale, zero } = affineOf(rule.range(seenIn(tailed)));
        return tailed.reduce(
          (sum, v) => sum + (v - (Math.min(255, Math.max(0, Math.round(v / scale) + zero)) - zero) * scale) ** 2,
          0,
        );
      };
      expect(error(leastSquares)).toBeLessThan(1.01 * error(minMax));
    }
    const share = leastSquares.range(seenIn([...bulk, 9])).high / 9;
    expect(share).toBeGreaterThan(0.3);
    expect(share).toBeLessThan(1);
  });

  it('do not reach beyond what was seen', () => {
    fc.assert(
      fc.property(values, (list) => {
        const h = seenIn(list);
        for (const rule of [minMax, percentile(99.99), leastSquares]) {
          const { low, high } = rule.range(h);
          expect(low, rule.name).toBeGreaterThanOrEqual(Math.min(h.low, 0));
          expect(high, rule.name).toBeLessThanOrEqual(Math.max(h.high, 0));
        }
      }),
    );
  });
});

describe('half precision', () => {
  /** IEEE 754 binary16 by its definition. */
  const numberOf = (bits: number): number => {
    const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  };

  it('gives every number of its own back', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const v = numberOf(bits);
      if (!Number.isNaN(v)) expect(halfBits(v)).toBe(bits);
    }
    expect(numberOf(halfBits(Number.NaN))).toBeNaN();
  });

  it('rounds to the nearest, ties to even', () => {
    for (let bits = 0; bits < 0x7bff; bits += 7) {
      const [low, high] = [numberOf(bits), numberOf(bits + 1)];
      const middle = (low + high) / 2;
      expect(halfBits(middle)).toBe(bits % 2 === 0 ? bits : bits + 1);
      expect(halfBits(middle + (high - low) / 64)).toBe(bits + 1);
      expect(halfBits(-(middle - (high - low) / 64))).toBe(bits | 0x8000);
    }
    expect([65519, 65520, 1e9].map(halfBits)).toEqual([0x7bff, 0x7c00, 0x7c00]);
  });

  it('clamps finite numbers of a tensor and says how many', () => {
    const { half, clamped } = halfTensor(tensor('float32', [4], [1e6, -3.4e38, Number.NEGATIVE_INFINITY, 1]));
    expect(Array.from(half.data as Uint16Array, numberOf)).toEqual([65504, -65504, Number.NEGATIVE_INFINITY, 1]);
    expect(clamped).toBe(2);
  });
});
