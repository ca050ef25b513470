// `node check.mjs RUN [DATA]`: the student of a finished run through the pipelines of transformers.js, in Node and in Chromium, against
// what evaluation says of each file. RUN is the folder of the run, DATA the folder that relative paths of its recipe start from.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as library from '@huggingface/transformers';
import { ask } from './ask.mjs';
import { openBrowser } from './browser.mjs';
import { openRun } from './run-folder.mjs';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/**
 * By how much a metric may differ: points of accuracy, and a share of the error. Float32 differs in the last bits, which changes no
 * answer. Kernels of 8 and 16 bits differ between machines: WebAssembly rounds elsewhere, and an example near a border may fall on its
 * other side.
 */
const slack = {
  accuracy: { exact: 0, rounded: 0.005, of: () => 1 },
  rmse: { exact: 1e-5, rounded: 0.005, of: (value) => value },
};

function line(cells) {
  const padded = cells.map((cell) => cell.padEnd(12));
  console.log(padded.join('').trimEnd());
}

/** @returns {Promise<boolean>} Whether all is as evaluation says. */
async function check(folder, data) {
  const run = await openRun(folder, data);
  const { metric, size, dtypes, examples, full } = run;
  const question = { model: 'student', name: run.pipeline, classes: run.classes, examples };
  const { exact, rounded, of } = slack[metric];
  const evaluated = await run.evaluations();

  library.env.allowRemoteModels = false;
  library.env.localModelPath = join(folder, '/');
  const browser = await openBrowser({ folder, examples, executablePath });
  let alike = true;
  try {
    console.log(`${run.pipeline}, ${metric} on ${size} test examples${full > 0 ? `, of which ${full} may have been cut` : ''}`);
    line(['', 'evaluation', 'Node', 'browser']);
    for (const dtype of dtypes) {
      const before = evaluated[dtype];
      const node = run.measure(await ask(library, { ...question, dtype }));
      const there = run.measure((await browser.ask({ ...question, dtype })).rows);
      const allowed = of(before) * ((dtype === 'fp32' ? exact : rounded) + full / size) + 1e-9;
      const same = [node, there].every((value) => Math.abs(value - before) <= allowed);
      line([dtype, ...[before, node, there].map((v) => v.toFixed(5)), same ? '' : 'DIFFERENT']);
      alike &&= same;
    }
    // What a page gets that asks for no type.
    const { file } = await browser.ask({ ...question, most: 1 });
    const config = JSON.parse(readFileSync(join(folder, 'student/config.json'), 'utf8'));
    const float = !dtypes.includes('q8') || config['transformers.js_config']?.dtype === 'fp32';
    const wanted = float ? 'model.onnx' : 'model_quantized.onnx';
    console.log(`a page loads by default: ${file}${file === wanted ? '' : `; expected ${wanted}`}`);
    return alike && file === wanted;
  } finally {
    await browser.close();
  }
}

const [run, data = '.'] = process.argv.slice(2);
try {
  if (!run) throw new Error('no folder of a run; expected: node check.mjs RUN [DATA]');
  process.exitCode = (await check(resolve(run), resolve(data))) ? 0 : 1;
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 2;
}
