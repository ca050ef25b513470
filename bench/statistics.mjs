// @ts-check

/**
 * The value below which a share of the others lies, by linear interpolation.
 * @param {readonly number[]} values at least one
 * @param {number} share 0…1
 * @returns {number}
 */
export function quantile(values, share) {
  if (values.length === 0) throw new Error('internal: a quantile of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = /** @type {number} */ (sorted[Math.floor(at)]);
  const high = /** @type {number} */ (sorted[Math.ceil(at)]);
  return low + (high - low) * (at - Math.floor(at));
}

/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5);

/** @typedef {{ readonly ours: number, readonly theirs: number }} Pair two measurements made one right after the other */

/**
 * Ratios are taken within pairs, so that a slow minute of the machine, which hits both sides, cancels.
 * @param {readonly Pair[]} pairs
 * @returns {{ ratio: number, spread: [low: number, high: number], ours: number, theirs: number, pairs: number }} medians; `spread` holds the quartiles of the ratio
 */
export function compare(pairs) {
  const ratios = pairs.map(({ ours, theirs }) => theirs / ours);
  return {
    ratio: median(ratios),
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    ours: median(pairs.map((p) => p.ours)),
    theirs: median(pairs.map((p) => p.theirs)),
    pairs: pairs.length,
  };
}
