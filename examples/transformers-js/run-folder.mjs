// What a finished run says: its test examples as a pipeline takes them, its files, and how good each is.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { evaluateFile, hubFromEnvironment, openData, ortNode, parseRecipeText, readResults } from 'potstill';

/** Types that transformers.js knows, and their files. */
const files = { fp32: 'onnx/model.onnx', q8: 'onnx/model_quantized.onnx', fp16: 'onnx/model_fp16.onnx' };

/** Examples as pipelines take them, by layout of the data. */
const views = {
  tokens(test) {
    const rows = Array.from({ length: test.size }, (_, i) => Object.values(test.row(i)));
    if (rows.some((texts) => texts.length !== 1))
      throw new Error('pairs of texts: the pipelines of transformers.js take one text');
    return rows.map(([text]) => String(text));
  },
  image(test) {
    const { shape } = test.example;
    const each = shape.reduce((a, b) => a * b);
    const bytes = new Uint8Array(test.size * each);
    const one = new Float32Array(each);
    for (let i = 0; i < test.size; i++) {
      test.read(i, one, 0);
      for (let p = 0; p < each; p++) bytes[i * each + p] = Math.round(one[p] * 255);
    }
    return { shape, bytes };
  },
};

const pipelines = {
  tokens: { classes: 'text-classification', values: 'feature-extraction' },
  image: { classes: 'image-classification', values: 'image-feature-extraction' },
};

/** Headline metrics of rows of numbers. */
const metrics = {
  accuracy: (rows, test) => rows.filter((row, i) => row.indexOf(Math.max(...row)) === test.label(i)).length / test.size,
  rmse(rows, { targets, size, ...test }) {
    const wanted = new Float32Array(targets.length);
    let sum = 0;
    rows.forEach((row, i) => {
      test.target(i, wanted, 0);
      targets.forEach(({ std }, t) => {
        sum += ((row[t] - wanted[t]) * std) ** 2;
      });
    });
    return Math.sqrt(sum / (size * targets.length));
  },
};

/** @param {string} folder Of a finished run. @param {string} dataFolder What relative paths of its recipe start from. */
export async function openRun(folder, dataFolder) {
  const { headline } = await readResults(folder);
  const recipe = parseRecipeText(readFileSync(join(folder, 'recipe.yaml'), 'utf8'));
  const hub = hubFromEnvironment(process.env, homedir());
  const { test } = await openData(recipe.data, { folder: dataFolder, hub });
  const { layout, shape } = test.example;
  if (!views[layout]) throw new Error(`${folder}: transformers.js has no pipeline for ${layout} data`);
  const student = join(folder, 'student');
  const dtypes = Object.keys(files).filter((dtype) => existsSync(join(student, files[dtype])));
  const measure = metrics[headline.name];
  if (!measure) throw new Error(`${folder}: cannot measure ${headline.name}; expected ${Object.keys(metrics).join(' or ')}`);
  return {
    metric: headline.name,
    size: test.size,
    dtypes,
    classes: test.classes,
    pipeline: pipelines[layout][test.classes ? 'classes' : 'values'],
    examples: views[layout](test),
    /** Texts that may have been cut: the library takes the last special token off with the end. */
    full: test.length ? Array.from({ length: test.size }, (_, i) => test.length(i)).filter((n) => n >= shape[1]).length : 0,
    measure: (rows) => measure(rows, test),
    /** What `potstill evaluate` says of each file. */
    async evaluations() {
      const runtime = ortNode();
      try {
        const found = {};
        for (const dtype of dtypes) {
          const { metrics: all } = await evaluateFile(join(student, files[dtype]), recipe, { runtime, dataFolder, hub });
          found[dtype] = all[headline.name];
        }
        return found;
      } finally {
        await runtime.close();
      }
    },
  };
}
