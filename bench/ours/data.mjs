// @ts-check
// The examples that ours trains on, by the name of the data in a workload.

/** The built package, typed by its sources. @param {string} path */
const built = (path) => import(new URL(`../../dist/${path}.js`, import.meta.url).href);

/** @type {typeof import('../../src/data/dataset.ts')} */
const { imageDataset, subset, writeOneHot } = await built('data/dataset');
/** @type {typeof import('../../src/data/random.ts')} */
const { random } = await built('data/random');
/** @type {typeof import('../../src/data/sources.ts')} */
const { dataSchema, openData } = await built('data/sources');
/** @type {typeof import('../../src/data/text/token-dataset.ts')} */
const { packTokens, tokenDataset } = await built('data/text/token-dataset');

/** @typedef {import('../workloads.mjs').Workload} Workload */
/** @typedef {import('../../src/data/dataset.ts').Dataset} Dataset */

/** Batches of an epoch: so many that none ends while the clock runs. */
const batchesInEpoch = 2 ** 13;

/** @param {number} count */
const classNames = (count) => Array.from({ length: count }, (_, i) => `class ${i}`);

/** Random pictures and labels, in memory as bytes. @param {Workload} workload */
function pictures({ input, classes, examples }) {
  const pixels = input.reduce((a, b) => a * b, 1);
  const bytes = new Uint8Array(examples * pixels);
  const row = new Float32Array(pixels);
  const labels = new Uint8Array(examples);
  for (let i = 0; i < examples; i++) {
    random(0, 'bench/pictures', i).fillUniform(row);
    for (let p = 0; p < pixels; p++) bytes[i * pixels + p] = 256 * /** @type {number} */ (row[p]);
    labels[i] = i % classes;
  }
  const shape = /** @type {[number, number, number]} */ (input);
  return imageDataset({ name: 'pictures', shape, bytes, labels, classes: classNames(classes) });
}

/** Random ids, all texts of the full length. @param {Workload} workload */
function texts({ input, classes, examples, vocabulary = 0 }) {
  const length = /** @type {number} */ (input[1]);
  const row = new Float32Array(length);
  const names = classNames(classes);
  const rows = packTokens(examples, (i) => {
    random(0, 'bench/texts', i).fillUniform(row);
    return { ids: Array.from(row, (u) => Math.floor(u * vocabulary)), texts: Array.from(row, () => 1) };
  });
  const special = { pad: 0, unknown: null, first: null, separator: null, mask: null };
  /** @param {number} i */
  const label = (i) => i % classes;
  return tokenDataset(rows, { vocabulary, special, files: {} }, length, {
    name: 'texts',
    classes: names,
    targets: [],
    label,
    target: (i, out, offset) => writeOneHot(label(i), classes, out, offset),
    row: () => null,
  });
}

/** Sentences of SST-2 in pieces of their own vocabulary. @param {Workload} workload */
async function sst2({ input, vocabulary = 0 }) {
  const options = {
    kind: 'text',
    path: 'data/sst2/sentences_train.tsv',
    text: 'sentence',
    label: 'label',
    tokenizer: { train: 'wordpiece', size: vocabulary },
    length: input[1],
  };
  const { train } = await openData(dataSchema.parse(options));
  return train;
}

/** Each in memory, and repeated until an epoch outlasts every measurement. */
export const datasets = { pictures, texts, sst2 };

/** @param {Workload} workload @returns {Promise<Dataset>} */
export async function examplesOf(workload) {
  const all = await datasets[workload.data](workload);
  return subset(
    all,
    Uint32Array.from({ length: batchesInEpoch * workload.batch }, (_, i) => i % all.size),
  );
}
