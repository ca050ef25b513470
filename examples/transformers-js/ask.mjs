// Asks a pipeline of transformers.js about examples. Node and the page import this same file.

/** @typedef {readonly string[]} Texts */
/** @typedef {{ readonly shape: readonly [number, number, number], readonly bytes: Uint8Array }} Pictures [channels, height, width] */
/** @typedef {'text-classification' | 'image-classification' | 'feature-extraction' | 'image-feature-extraction'} PipelineName */

const together = 32;

/** Scores come in the order of their size; they are put in that of the classes. */
const scores = async (pipe, batch, classes) =>
  (await pipe(batch, { top_k: null })).map((said) => {
    const of = new Map(said.map(({ label, score }) => [label, score]));
    return classes.map((name) => of.get(name) ?? Number.NaN);
  });
const numbers = async (pipe, batch) => (await pipe(batch)).tolist();

/** How each pipeline is asked about a batch: one row of numbers an example. */
const ways = {
  'text-classification': scores,
  'image-classification': scores,
  'feature-extraction': numbers,
  'image-feature-extraction': numbers,
};

/** Example i as a pipeline takes it, and how many there are. */
function listOf({ RawImage }, examples) {
  if (Array.isArray(examples)) return { size: examples.length, at: (i) => examples[i] };
  const { shape, bytes } = examples;
  const [channels, height, width] = shape;
  const [pixels, each] = [height * width, channels * height * width];
  return {
    size: bytes.length / each,
    at(i) {
      // Channel after channel there, pixel after pixel here.
      const data = Uint8Array.from(
        { length: each },
        (_, p) => bytes[i * each + (p % channels) * pixels + Math.floor(p / channels)],
      );
      return new RawImage(data, width, height, channels);
    },
  };
}

/**
 * @typedef {object} Question
 * @property {string} model A folder below `env.localModelPath`.
 * @property {PipelineName} name
 * @property {readonly string[] | null} classes In the order in which their scores are wanted.
 * @property {string} [dtype] As the library chooses unless given.
 * @property {number} [most] All examples unless given.
 * @property {Texts | Pictures} examples
 */

/** @param library What `@huggingface/transformers` exports. @param {Question} question @returns {Promise<number[][]>} */
export async function ask(library, { model, name, classes, dtype, most = Number.POSITIVE_INFINITY, examples }) {
  const pipe = await library.pipeline(name, model, dtype ? { dtype } : {});
  const { size: all, at } = listOf(library, examples);
  const size = Math.min(all, most);
  const rows = [];
  for (let from = 0; from < size; from += together) {
    const batch = Array.from({ length: Math.min(together, size - from) }, (_, j) => at(from + j));
    rows.push(...(await ways[name](pipe, batch, classes)));
  }
  await pipe.dispose();
  return rows;
}
