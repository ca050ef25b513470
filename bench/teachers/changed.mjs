// @ts-check
// The data of the studies with something wrong in it, and the repair of what comes of that.

/** @typedef {import('../../src/data/dataset.ts').Dataset} Dataset */

/** The class of every example. @param {Dataset} dataset */
export const labelsOf = (dataset) => Int32Array.from({ length: dataset.size }, (_, i) => dataset.label(i));

/**
 * How labels of some classes go wrong: `random` is another class for each example, all others alike; `alike` is the next of the broken
 * classes, the same for all examples of a class.
 * @type {Readonly<Record<'random' | 'alike', (label: number, broken: readonly number[], classes: number, draw: (n: number) => number) => number>>}
 */
export const mistakes = {
  random: (label, _, classes, draw) => (label + 1 + draw(classes - 1)) % classes,
  alike: (label, broken) => /** @type {number} */ (broken[(broken.indexOf(label) + 1) % broken.length]),
};

/**
 * The labels of a set with every label of some classes wrong.
 * @param {Int32Array} labels @param {readonly number[]} broken @param {number} classes @param {keyof typeof mistakes} how
 * @param {(n: number) => number} draw A whole number from 0 to n − 1.
 */
export const brokenLabels = (labels, broken, classes, how, draw) =>
  labels.map((label) => (broken.includes(label) ? mistakes[how](label, broken, classes, draw) : label));

/**
 * A set with other labels.
 * @param {Dataset} dataset @param {Int32Array} labels @returns {Dataset}
 */
export function relabelled(dataset, labels) {
  const classes = dataset.classes?.length ?? 0;
  return {
    ...dataset,
    label: (i) => /** @type {number} */ (labels[i]),
    target: (i, out, offset) => {
      out.fill(0, offset, offset + classes);
      out[offset + /** @type {number} */ (labels[i])] = 1;
    },
  };
}

/** Places of the examples of other classes. @param {Int32Array} labels @param {number} missing */
export const placesWithout = (labels, missing) => Uint32Array.from([...labels.keys()].filter((i) => labels[i] !== missing));

/** @typedef {{ readonly data: ArrayLike<number>, readonly rows: number, readonly width: number }} Logits row by row */

/**
 * Mistakes with a constant added to one logit: of all examples, and of those of that class.
 * @param {Logits} logits @param {Int32Array} labels @param {number} shifted The class. @param {number} bias
 */
export function mistakesWith({ data, rows, width }, labels, shifted, bias) {
  let [all, own] = [0, 0];
  for (let r = 0; r < rows; r++) {
    const at = (/** @type {number} */ k) => /** @type {number} */ (data[r * width + k]) + (k === shifted ? bias : 0);
    let top = 0;
    for (let k = 1; k < width; k++) if (at(k) > at(top)) top = k;
    if (top === labels[r]) continue;
    all++;
    if (labels[r] === shifted) own++;
  }
  return { all, own };
}

/**
 * The constant that makes the fewest mistakes in all; the smallest of equals.
 * @param {Logits} logits @param {Int32Array} labels @param {number} shifted @param {readonly number[]} candidates From small to large.
 */
export function bestBias(logits, labels, shifted, candidates) {
  const errors = candidates.map((bias) => mistakesWith(logits, labels, shifted, bias).all);
  return /** @type {number} */ (candidates[errors.indexOf(Math.min(...errors))]);
}
