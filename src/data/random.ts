/**
 * A stream of random numbers that depends on its key alone. Methods consume the stream in order; a fill
 * takes one block of it, however long it is.
 */
export interface Random {
  /** Integer in [0, 2^32). */
  uint32(): number;
  /** Number in [0, 1), 32 random bits. */
  uniform(): number;
  /** Standard normal (Box–Muller), at most 6.8 in size. */
  normal(): number;
  /** Integer in [0, n), without bias; 1 ≤ n ≤ 2^32. */
  integer(n: number): number;
  /** Fills with numbers in [0, 1), 24 random bits each. */
  fillUniform(out: Float32Array): void;
  /** Fills with standard normals. */
  fillNormal(out: Float32Array): void;
  /** Fills with 0 for a share of the places, drawn one by one, and with 1 elsewhere; 0 ≤ share < 1. */
  fillKept(out: Uint8Array, share: number): void;
  /** The numbers 0…n−1 in random order. */
  permutation(n: number): Uint32Array;
  /** Reorders in place (Fisher–Yates). */
  shuffle(list: unknown[] | Uint32Array): void;
}

/**
 * One block of Philox 4×32 with 10 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), written into `out`.
 * The high halves of the 32×32-bit products are put together from 16-bit parts, since JavaScript has no such instruction.
 */
export function philox(out: Uint32Array, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void {
  for (let round = 0; round < 10; round++) {
    const al = c0 & 0xffff;
    const ah = c0 >>> 16;
    const at = (Math.imul(ah, 0x1f53) + (Math.imul(al, 0x1f53) >>> 16)) | 0;
    const au = ((at & 0xffff) + Math.imul(al, 0xd251)) | 0;
    const hi0 = (Math.imul(ah, 0xd251) + (at >>> 16) + (au >>> 16)) | 0;
    const lo0 = Math.imul(c0, 0xd2511f53);
    const bl = c2 & 0xffff;
    const bh = c2 >>> 16;
    const bt = (Math.imul(bh, 0x8d57) + (Math.imul(bl, 0x8d57) >>> 16)) | 0;
    const bu = ((bt & 0xffff) + Math.imul(bl, 0xcd9e)) | 0;
    const hi1 = (Math.imul(bh, 0xcd9e) + (bt >>> 16) + (bu >>> 16)) | 0;
    const lo1 = Math.imul(c2, 0xcd9e8d57);
    c0 = hi1 ^ c1 ^ k0;
    c1 = lo1;
    c2 = hi0 ^ c3 ^ k1;
    c3 = lo0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/**
 * Words (signed) of xoshiro128++ (Blackman and Vigna 2019) from a state that is not all zero. The fills run on it, started from one
 * Philox block: it is as good for noise and several times as fast.
 */
export function xoshiro(a: number, b: number, c: number, d: number): () => number {
  a |= 0;
  b |= 0;
  c |= 0;
  d |= 0;
  return () => {
    const sum = (a + d) | 0;
    const word = (((sum << 7) | (sum >>> 25)) + a) | 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return word;
  };
}

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/** The two halves of a double, so that any number can be part of a key. */
function halves(x: number): readonly [number, number] {
  bits[0] = x + 0;
  return [words[0]!, words[1]!];
}

/** 64 bits of a text: two FNV-1a hashes over its code units from different starts, each finished as in MurmurHash3. */
function hashText(text: string): readonly [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) + i;
  }
  return [finish(a ^ text.length), finish(b)];
}

function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const TO_UNIT = 2 ** -32;
const TO_UNIT_24 = 2 ** -24;

/**
 * The stream of a key. The same (seed, purpose, step) gives the same numbers on every machine and at any time; keys that differ in
 * anything give unrelated streams. Any number may be a seed or a step.
 */
export function random(seed: number, purpose: string, step = 0): Random {
  const word = new Uint32Array(4);
  const [s0, s1] = halves(seed);
  const [p0, p1] = hashText(purpose);
  philox(word, s0, s1, p0, p1, 0x706f7473, 0x74696c6c);
  const k0 = word[0]! | 0;
  const k1 = word[1]! | 0;
  const [t0, t1] = halves(step);
  let block = 0;
  let used = 4;
  let spare = Number.NaN;

  const next = (): void => {
    philox(word, block | 0, (block / 4294967296) | 0, t0 | 0, t1 | 0, k0, k1);
    block++;
  };
  const run = (): (() => number) => {
    next();
    used = 4;
    return xoshiro(word[0]!, word[1]!, word[2]!, word[3]!);
  };
  const uint32 = (): number => {
    if (used === 4) {
      next();
      used = 0;
    }
    return word[used++]!;
  };
  const integer = (n: number): number => {
    if (!(Number.isInteger(n) && n >= 1 && n <= 4294967296)) throw new Error(`internal: integer(${n}) needs 1 ≤ n ≤ 2^32`);
    // Lemire 2019, "Fast random integer generation in an interval", where the product is exact in a double.
    if (n > 2097152) {
      const fair = 4294967296 - (4294967296 % n);
      let x = uint32();
      while (x >= fair) x = uint32();
      return x % n;
    }
    let x = uint32();
    if (Math.imul(x, n) >>> 0 < n) {
      const unfair = 4294967296 % n;
      while (Math.imul(x, n) >>> 0 < unfair) x = uint32();
    }
    return Math.floor(x * n * TO_UNIT);
  };
  const shuffle = (list: unknown[] | Uint32Array): void => {
    for (let i = list.length - 1; i > 0; i--) {
      const j = integer(i + 1);
      const held = list[i]!;
      list[i] = list[j]!;
      (list as unknown[])[j] = held;
    }
  };
  return {
    uint32,
    uniform: () => uint32() * TO_UNIT,
    normal() {
      if (!Number.isNaN(spare)) {
        const z = spare;
        spare = Number.NaN;
        return z;
      }
      const r = Math.sqrt(-2 * Math.log((uint32() + 0.5) * TO_UNIT));
      const angle = 2 * Math.PI * uint32() * TO_UNIT;
      spare = r * Math.sin(angle);
      return r * Math.cos(angle);
    },
    integer,
    fillUniform(out) {
      const words = run();
      for (let i = 0; i < out.length; i++) out[i] = (words() >>> 8) * TO_UNIT_24;
    },
    fillNormal(out) {
      const words = run();
      for (let i = 0; i < out.length; i += 2) {
        const r = Math.sqrt(-2 * Math.log(((words() >>> 0) + 0.5) * TO_UNIT));
        const angle = 2 * Math.PI * (words() >>> 0) * TO_UNIT;
        out[i] = r * Math.cos(angle);
        if (i + 1 < out.length) out[i + 1] = r * Math.sin(angle);
      }
    },
    fillKept(out, share) {
      const words = run();
      // A byte for each place; where it does not settle the place, a word of its own does.
      const border = Math.floor(share * 256);
      const beyond = share * 256 - border;
      const settled = Uint8Array.from({ length: 256 }, (_, byte) => (byte < border ? 0 : 1));
      const settle = (byte: number): number => (byte === border && (words() >>> 0) * TO_UNIT < beyond ? 0 : settled[byte]!);
      const whole = out.length & ~3;
      for (let i = 0; i < whole; i += 4) {
        const word = words();
        const a = word & 255;
        const b = (word >>> 8) & 255;
        const c = (word >>> 16) & 255;
        const d = word >>> 24;
        if (a === border || b === border || c === border || d === border) {
          out[i] = settle(a);
          out[i + 1] = settle(b);
          out[i + 2] = settle(c);
          out[i + 3] = settle(d);
        } else {
          out[i] = settled[a]!;
          out[i + 1] = settled[b]!;
          out[i + 2] = settled[c]!;
          out[i + 3] = settled[d]!;
        }
      }
      for (let i = whole; i < out.length; i++) out[i] = settle(words() & 255);
    },
    permutation(n) {
      const order = new Uint32Array(n);
      for (let i = 0; i < n; i++) order[i] = i;
      shuffle(order);
      return order;
    },
    shuffle,
  };
}
