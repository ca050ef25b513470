// @ts-check
// `npm run build && node bench/quantise/measure.mjs [--length 64] [--turns 15]`: how much smaller, faster and less exact files become
// in 8 bits and in half precision. Prints a Markdown table; pretrained files are measured where they are in ./data.
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { machine } from '../results.mjs';

/** The built package, typed by its sources. @param {string} path */
const built = (path) => import(new URL(`../../dist/${path}.js`, import.meta.url).href);

/** @type {typeof import('../../src/data/random.ts')} */
const { random } = await built('data/random');
/** @type {typeof import('../../src/graph/graph.ts')} */
const { Graph } = await built('graph/graph');
/** @type {typeof import('../../src/models/architectures/list.ts')} */
const { architectureSchema, createModel } = await built('models/architectures/list');
/** @type {typeof import('../../src/models/build.ts')} */
const { buildModel, initialise } = await built('models/build');
/** @type {typeof import('../../src/onnx/encode.ts')} */
const { encode } = await built('onnx/encode');
/** @type {typeof import('../../src/passes/lower.ts')} */
const { lower } = await built('passes/lower');
/** @type {typeof import('../../src/quantise/compare.ts')} */
const { compareOutputs, compareSpeed } = await built('quantise/compare');
/** @type {typeof import('../../src/quantise/half/to-half.ts')} */
const { toHalf } = await built('quantise/half/to-half');
/** @type {typeof import('../../src/quantise/int8/quantise.ts')} */
const { quantiseToInt8 } = await built('quantise/int8/quantise');
/** @type {typeof import('../../src/runtime/ort-node.ts')} */
const { ortNode } = await built('runtime/ort-node');

const { values: options } = parseArgs({
  options: { length: { type: 'string', default: '64' }, turns: { type: 'string', default: '15' } },
});
const length = Number(options.length);
const turns = Number(options.turns);
const vocabulary = 8000;
const runtime = ortNode();

/**
 * @typedef {object} Subject
 * @property {string} name
 * @property {Uint8Array} bytes
 * @property {(batch: number, seed: number) => import('../../src/runtime/port.ts').Feeds} feeds
 * @property {((bytes: Uint8Array) => Promise<number>) | undefined} [accuracy]
 */

/** A model of ours with new weights, as it is exported. @param {any} architecture @param {import('../../src/models/define.ts').ModelShape} shape */
function ours(architecture, shape) {
  const model = createModel(architectureSchema.parse(architecture), shape);
  const weights = initialise(model, shape, (name) => random(1, name));
  const graph = new Graph();
  const open = shape.vocabulary === undefined ? ['batch', ...shape.input] : ['batch', 2, 'length'];
  const x = graph.input('x', { dtype: 'float32', shape: open });
  graph.output('logits', buildModel(model, graph, x, { training: false, source: weights }).logits);
  return encode(lower(graph, { provider: 'cpu', block: 0 }));
}

/** @param {number[]} shape @param {number} seed @returns {import('../../src/graph/type.ts').Tensor} */
function normal(shape, seed) {
  const draws = random(seed, 'bench');
  return { dtype: 'float32', shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draws.normal()) };
}

/** Rows of ids without padding. @param {number} batch @param {number} seed */
function tokens(batch, seed) {
  const draws = random(seed, 'tokens');
  const data = new Float32Array(batch * 2 * length);
  for (let i = 0; i < data.length; i++)
    data[i] = Math.floor(i / length) % 2 === 0 ? 1 + Math.floor(draws.uniform() * (vocabulary - 1)) : 1;
  return { x: { dtype: /** @type {const} */ ('float32'), shape: [batch, 2, length], data } };
}

/** @param {number} layers @param {number} width @returns {Subject} */
const bert = (layers, width) => ({
  name: `BERT, ${layers} layers, d ${width}, ${length} tokens`,
  bytes: ours({ kind: 'bert', layers, width }, { input: [2, length], outputs: 2, vocabulary }),
  feeds: tokens,
});

const mean = [0.485, 0.456, 0.406];
const std = [0.229, 0.224, 0.225];

/** Rows of CIFAR-10 as the ResNets want them. @param {Uint8Array} raw @param {number} from @param {number} rows */
function cifar(raw, from, rows) {
  const data = new Float32Array(rows * 3072);
  for (let i = 0; i < data.length; i++) {
    const channel = Math.floor((i % 3072) / 1024);
    const byte = raw[(from + Math.floor(i / 3072)) * 3073 + 1 + (i % 3072)] ?? 0;
    data[i] = (byte / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  }
  return { input: { dtype: /** @type {const} */ ('float32'), shape: [rows, 3, 32, 32], data } };
}

/** @param {string} name @returns {Subject[]} */
function pretrained(name) {
  const file = `data/models/cifar10_resnet/${name}_cifar10.onnx`;
  if (!existsSync(file) || !existsSync('data/cifar10')) return [];
  const train = gunzipSync(readFileSync('data/cifar10/train_9000.bin.gz'));
  const test = gunzipSync(readFileSync('data/cifar10/test_1000.bin.gz'));
  return [
    {
      name: `${name}, CIFAR-10`,
      bytes: new Uint8Array(readFileSync(file)),
      feeds: (batch, seed) => cifar(train, seed * 64, batch),
      accuracy: async (bytes) => {
        const session = await runtime.open(bytes);
        let right = 0;
        for (let from = 0; from < 1000; from += 100) {
          const { logits } = await session.run(cifar(test, from, 100), ['logits']);
          const scores = /** @type {Float32Array} */ (logits?.data ?? new Float32Array());
          for (let i = 0; i < 100; i++) {
            const row = Array.from(scores.subarray(i * 10, i * 10 + 10));
            right += Number(row.indexOf(Math.max(...row)) === test[(from + i) * 3073]);
          }
        }
        await session.release();
        return right / 10;
      },
    },
  ];
}

/** @type {Subject[]} */
const subjects = [
  bert(4, 256),
  bert(2, 128),
  {
    name: 'CNN, maps 32, 64, 128, 28 × 28',
    bytes: ours({ kind: 'cnn', channels: [32, 64, 128] }, { input: [1, 28, 28], outputs: 10 }),
    feeds: (batch, seed) => ({ x: normal([batch, 1, 28, 28], seed) }),
  },
  {
    name: 'MLP, 256, 256, from 64',
    bytes: ours({ kind: 'mlp', hidden: [256, 256], activation: 'relu' }, { input: [64], outputs: 10 }),
    feeds: (batch, seed) => ({ x: normal([batch, 64], seed) }),
  },
  ...pretrained('resnet20'),
  ...pretrained('resnet56'),
];

const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(2);
const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;

console.log(`${machine()}; Node ${process.versions.node}, onnxruntime-node ${runtime.version}\n`);
console.log(
  '| model | form | MB | ms, batch 1 | times as fast | ms, batch 32 | times as fast | relative error | same answer | accuracy |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const { name, bytes, feeds, accuracy } of subjects) {
  const calibration = Array.from({ length: 4 }, (_, i) => feeds(64, i));
  const small = await quantiseToInt8(bytes, { runtime, calibration });
  const half = await toHalf(bytes, { runtime });
  const questions = [feeds(64, 8), feeds(64, 9)];
  const accurate = async (/** @type {Uint8Array} */ file) => (accuracy ? `${(await accuracy(file)).toFixed(1)} %` : '');
  const forms = [
    { form: 'int8', file: small.bytes },
    { form: 'fp16', file: half.bytes },
  ];
  let first = true;
  for (const { form, file } of forms) {
    const one = await compareSpeed(bytes, file, feeds(1, 0), { runtime, turns });
    const many = await compareSpeed(bytes, file, feeds(32, 0), { runtime, turns });
    if (first) {
      console.log(
        `| ${name} | fp32 | ${megabytes(bytes.byteLength)} | ${one.first.toFixed(2)} | | ${many.first.toFixed(1)} | | | | ${await accurate(bytes)} |`,
      );
    }
    first = false;
    const [parity] = (await compareOutputs(bytes, file, questions, { runtime })).filter((p) => p.output === 'logits');
    const speed = `${one.second.toFixed(2)} | ${one.ratio.toFixed(2)} | ${many.second.toFixed(1)} | ${many.ratio.toFixed(2)}`;
    const exact = parity ? `${percent(parity.relativeError)} | ${percent(parity.agreement)}` : ' | ';
    console.log(`| | ${form} | ${megabytes(file.byteLength)} | ${speed} | ${exact} | ${await accurate(file)} |`);
  }
  const { quantised, kept, unfused } = small.report;
  console.error(`${name}: ${quantised.length} nodes in 8 bits, ${kept.length} left, ${unfused.length} not fused`);
}
await runtime.close();
