/** How the next token of a text is drawn from what a model says. */
export interface Sampling {
  /** 0 takes the most likely token; 1 draws by the model's own distribution. */
  readonly temperature: number;
  /** Only so many most likely tokens; all where absent. */
  readonly topK?: number | undefined;
  /** Only the fewest most likely tokens that have this share together; all where absent. Holtzman et al. 2020 (arXiv 1904.09751) §3.1. */
  readonly topP?: number | undefined;
}

/**
 * Chances of the next token out of V: softmax(logits / temperature), cut to `topK` tokens, of these to those of `topP`, and scaled to
 * a sum of 1. Of equally likely tokens the first ones stay.
 */
export function chances(logits: ArrayLike<number>, { temperature, topK, topP }: Sampling): Float64Array {
  const p = new Float64Array(logits.length);
  let top = 0;
  for (let i = 1; i < p.length; i++) if (logits[i]! > logits[top]!) top = i;
  if (temperature === 0) {
    p[top] = 1;
    return p;
  }
  for (let i = 0; i < p.length; i++) p[i] = Math.exp((logits[i]! - logits[top]!) / temperature);
  if (topK !== undefined && topK < p.length) keepLargest(p, topK);
  if (topP !== undefined && topP < 1) keepLargest(p, fewest(p, topP));
  const sum = p.reduce((a, b) => a + b, 0);
  for (let i = 0; i < p.length; i++) p[i]! /= sum;
  return p;
}

/** How many of the largest make up a share of the sum. */
function fewest(p: Float64Array, share: number): number {
  const sorted = p.toSorted();
  const wanted = share * sorted.reduce((a, b) => a + b, 0);
  let [kept, sum] = [0, 0];
  while (sum < wanted && kept < p.length) sum += sorted[p.length - ++kept]!;
  return kept;
}

/** Sets all but the n largest to 0. */
function keepLargest(p: Float64Array, n: number): void {
  const least = p.toSorted()[p.length - n]!;
  let equals = n - p.reduce((count, v) => count + Number(v > least), 0);
  for (let i = 0; i < p.length; i++) if (p[i]! < least || (p[i] === least && equals-- <= 0)) p[i] = 0;
}

/** The token that a number in [0, 1) draws. */
export function drawn(p: Float64Array, u: number): number {
  let sum = 0;
  let last = 0;
  for (let i = 0; i < p.length; i++) {
    if (p[i] === 0) continue;
    sum += p[i]!;
    last = i;
    if (u < sum) return i;
  }
  return last;
}
