import type { Tensor } from '../../graph/type.ts';

/** The largest number that half precision holds. */
export const largestHalf = 65504;

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The bits of the nearest half-precision number, ties to even; what is too large becomes infinite. IEEE 754-2019 §4.3.1. */
export function halfBits(x: number): number {
  float[0] = x;
  const bits = word[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  // From halfway between the largest number and the next power of two on.
  if (size >= 0x477ff000) return sign | 0x7c00;
  // Below the smallest normal number, steps are 2⁻²⁴ apart.
  if (size < 0x38800000) return sign | roundedToEven(Math.abs(float[0]) * 2 ** 24);
  // Exponents are biased by 127 in 32 bits and by 15 in 16; carries of rounding run into the exponent, as they should.
  const odd = (size >>> 13) & 1;
  return sign | ((size - 0x38000000 + 0xfff + odd) >>> 13);
}

function roundedToEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}

/** A float32 tensor in half precision; finite numbers that are too large become the largest, and are counted. */
export function halfTensor({ shape, data }: Tensor): { readonly half: Tensor; readonly clamped: number } {
  let clamped = 0;
  const bits = Uint16Array.from(data as Float32Array, (x) => {
    if (Math.abs(x) <= largestHalf || !Number.isFinite(x)) return halfBits(x);
    clamped++;
    return halfBits(Math.sign(x) * largestHalf);
  });
  return { half: { dtype: 'float16', shape, data: bits }, clamped };
}
