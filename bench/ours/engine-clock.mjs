// @ts-check
// Preloaded into the process and its worker thread (`node --import`): adds up the time that is spent inside ONNX Runtime.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

const key = 'nanoseconds in ONNX Runtime';
if (isMainThread) setEnvironmentData(key, new SharedArrayBuffer(8));
const spent = new BigInt64Array(/** @type {SharedArrayBuffer} */ (getEnvironmentData(key)));

/** Milliseconds inside ONNX Runtime since the process began. */
export const engineMilliseconds = () => Number(Atomics.load(spent, 0)) / 1e6;

if (!isMainThread) {
  const require = createRequire(import.meta.url);
  // The call into the native library: what JavaScript does around it counts as ours.
  const { binding } = require(join(dirname(require.resolve('onnxruntime-node')), 'binding.js'));
  binding.InferenceSession = class extends binding.InferenceSession {
    /** @param {unknown[]} args */
    run(...args) {
      const start = process.hrtime.bigint();
      try {
        return super.run(...args);
      } finally {
        Atomics.add(spent, 0, process.hrtime.bigint() - start);
      }
    }
  };
}
