// @ts-check
// `node tfjs-step.mjs WORKLOAD BACKEND`: one distillation step of a workload in TensorFlow.js; the same work as ours.
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { answer } from '../answering.mjs';

/** @typedef {import('../workloads.mjs').Workload} Workload */
/** @typedef {import('../workloads.mjs').Network} Network */
/** @typedef {(x: any) => any} Layer of tensors of TensorFlow.js, whose types are only there when it is installed */
/** @typedef {{ forward: Layer, parameters: number }} Built */

/** Installed on request only, so the name must not be looked up before. @param {string} name */
const load = (name) => import(name);

/**
 * What each backend needs before it can be used.
 * @type {Readonly<Record<string, () => Promise<unknown>>>}
 */
const backends = {
  cpu: () => load('@tensorflow/tfjs-backend-cpu'),
  wasm: async () => {
    const wasm = await load('@tensorflow/tfjs-backend-wasm');
    const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(join(dirname(entry), sep));
  },
};

/**
 * Layers whose variables are counted; `trainable` also says how batch normalisation takes its statistics.
 * @param {any} tf
 * @param {boolean} trainable
 */
function layersOf(tf, trainable) {
  let parameters = 0;
  /** @param {number[]} shape @param {number} deviation */
  const weight = (shape, deviation) => {
    parameters += shape.reduce((a, b) => a * b, 1);
    return tf.variable(tf.randomNormal(shape, 0, deviation), trainable);
  };
  /** @param {number} size @param {number} value @param {boolean} learns */
  const vector = (size, value, learns) => {
    if (learns) parameters += size;
    return tf.variable(tf.fill([size], value), trainable && learns);
  };
  return {
    count: () => parameters,
    /** @param {number} before @param {number} after @returns {Layer} */
    linear(before, after) {
      const w = weight([before, after], Math.sqrt(1 / (3 * before)));
      const b = vector(after, 0, true);
      return (x) => tf.add(tf.matMul(x, w), b);
    },
    /** @param {number} before @param {number} after @param {number} size @param {number} stride @returns {Layer} */
    conv(before, after, size, stride) {
      const w = weight([size, size, before, after], Math.sqrt(2 / (size * size * after)));
      return (x) => tf.conv2d(x, w, stride, (size - 1) / 2, 'NHWC', 1, 'round');
    },
    /** @param {number} channels @returns {Layer} */
    batchNorm(channels) {
      const [gamma, beta] = [vector(channels, 1, true), vector(channels, 0, true)];
      const [mean, variance] = [vector(channels, 0, false), vector(channels, 1, false)];
      if (!trainable) return (x) => tf.batchNorm(x, mean, variance, beta, gamma, 1e-5);
      return (x) => {
        const now = tf.moments(x, [0, 1, 2]);
        mean.assign(tf.add(tf.mul(mean, 0.9), tf.mul(now.mean, 0.1)));
        variance.assign(tf.add(tf.mul(variance, 0.9), tf.mul(now.variance, 0.1)));
        return tf.batchNorm(x, now.mean, now.variance, beta, gamma, 1e-5);
      };
    },
  };
}

/** @type {Readonly<Record<string, (tf: any, work: Workload, network: any, trainable: boolean) => Built>>} */
const networks = {
  mlp(tf, { input, classes, batch }, { hidden }, trainable) {
    const { linear, count } = layersOf(tf, trainable);
    const sizes = [input.reduce((a, b) => a * b, 1), ...hidden, classes];
    const layers = sizes.slice(1).map((after, i) => linear(sizes[i], after));
    return {
      parameters: count(),
      forward: (x) => layers.reduce((h, layer, i) => layer(i === 0 ? h : tf.relu(h)), tf.reshape(x, [batch, sizes[0]])),
    };
  },
  resnet(tf, { input, classes }, { depth }, trainable) {
    const { linear, conv, batchNorm, count } = layersOf(tf, trainable);
    /** @param {number} before @param {number} after @param {number} stride @returns {Layer} */
    const block = (before, after, stride) => {
      const [conv1, bn1] = [conv(before, after, 3, stride), batchNorm(after)];
      const [conv2, bn2] = [conv(after, after, 3, 1), batchNorm(after)];
      const same = stride === 1 && before === after;
      const shortcut = same ? null : [conv(before, after, 1, stride), batchNorm(after)];
      return (x) => {
        const side = shortcut ? shortcut.reduce((h, layer) => layer(h), x) : x;
        return tf.relu(tf.add(bn2(conv2(tf.relu(bn1(conv1(x))))), side));
      };
    };
    const stem = [conv(input[0], 16, 3, 1), batchNorm(16), (/** @type {any} */ x) => tf.relu(x)];
    let before = 16;
    const blocks = [16, 32, 64].flatMap((after, stage) =>
      Array.from({ length: (depth - 2) / 6 }, (_, i) => {
        const made = block(before, after, stage > 0 && i === 0 ? 2 : 1);
        before = after;
        return made;
      }),
    );
    const head = linear(64, classes);
    return {
      parameters: count(),
      forward: (x) =>
        head(
          tf.mean(
            [...stem, ...blocks].reduce((h, layer) => layer(h), x),
            [1, 2],
          ),
        ),
    };
  },
};

/** Bytes in memory, channels last, drawn in a fixed order. @param {Workload} work */
function pictures({ input, examples }) {
  const bytes = new Uint8Array(examples * input.reduce((a, b) => a * b, 1));
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.imul(i, 2654435761) >>> 24;
  return bytes;
}

/**
 * @param {Workload} work
 * @param {string} backend
 */
async function open(work, backend) {
  const tf = await load('@tensorflow/tfjs');
  await backends[backend]?.();
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} does not start`);
  await tf.ready();
  const { input, classes, batch, examples, temperature, soft, hard } = work;
  const width = input.reduce((a, b) => a * b, 1);
  const shape = [batch, input[1], input[2], input[0]];
  const teacher = networks[work.teacher.kind]?.(tf, work, work.teacher, false);
  const student = networks[work.student.kind]?.(tf, work, work.student, true);
  if (!teacher || !student) throw new Error(`internal: no network for ${work.name}`);
  if (work.optimizer.kind !== 'sgd') throw new Error(`internal: no optimizer for ${work.name}`);
  const optimizer = tf.train.momentum(work.optimizer.learningRate, work.optimizer.momentum);
  const bytes = pictures(work);
  let at = 0;

  const step = () =>
    tf.tidy(() => {
      const values = new Float32Array(batch * width);
      const labels = new Int32Array(batch);
      for (let row = 0; row < batch; row++) {
        const example = (at + row * 7919) % examples;
        for (let p = 0; p < width; p++) values[row * width + p] = /** @type {number} */ (bytes[example * width + p]) / 255;
        labels[row] = example % classes;
      }
      at += batch;
      const x = tf.tensor(values, shape);
      const targets = tf.oneHot(tf.tensor(labels, [batch], 'int32'), classes).toFloat();
      const taught = tf.div(teacher.forward(x), temperature);
      const probabilities = tf.softmax(taught);
      const negativeEntropy = tf.sum(tf.mul(probabilities, tf.logSoftmax(taught)));
      return optimizer.minimize(() => {
        const logits = student.forward(x);
        const crossed = tf.sum(tf.mul(probabilities, tf.logSoftmax(tf.div(logits, temperature))));
        const kd = tf.mul(tf.div(tf.sub(negativeEntropy, crossed), batch), temperature * temperature);
        const ce = tf.neg(tf.div(tf.sum(tf.mul(targets, tf.logSoftmax(logits))), batch));
        return tf.add(tf.mul(kd, soft), tf.mul(ce, hard));
      }, true);
    });

  return {
    about: { version: `TensorFlow.js ${tf.version.tfjs} (${backend})`, parameters: student.parameters },
    run: async (/** @type {number} */ steps) => {
      const start = performance.now();
      let loss = Number.NaN;
      for (let i = 0; i < steps; i++) {
        const value = step();
        loss = (await value.data())[0];
        value.dispose();
      }
      return { steps, milliseconds: performance.now() - start, loss };
    },
  };
}

const [, , work = '', backend = ''] = process.argv;
await answer(() => open(JSON.parse(work), backend));
