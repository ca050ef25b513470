import { createHash } from 'node:crypto';
import { type Dataset, exampleSize, targetSize } from './dataset.ts';

/**
 * A 53-bit key of what each example is, labels left out: equal examples have equal keys, and different ones hardly ever do
 * (about one pair in 10^16).
 */
export function contentKeys(dataset: Dataset): Float64Array {
  const example = new Float32Array(exampleSize(dataset));
  const words = new Int32Array(example.buffer);
  const keys = new Float64Array(dataset.size);
  for (let i = 0; i < dataset.size; i++) {
    dataset.read(i, example, 0);
    let a = 0x2545f491;
    let b = 0x9e3779b9 | 0;
    for (let w = 0; w < words.length; w++) {
      const word = words[w]!;
      a = Math.imul(a ^ word, 0x5bd1e995);
      a ^= a >>> 15;
      b = Math.imul(b + word, 0x85ebca6b);
      b ^= b >>> 13;
    }
    a = Math.imul(a ^ (b >>> 16), 0xc2b2ae35);
    keys[i] = (b >>> 0) * 2097152 + ((a ^ (a >>> 16)) >>> 11);
  }
  return keys;
}

/** SHA-256 (hex) of the examples and targets in order: two sets with one fingerprint are the same data. */
export function fingerprint(dataset: Dataset): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([dataset.example.shape, dataset.classes, dataset.targets, dataset.size]));
  const example = new Float32Array(exampleSize(dataset));
  const target = new Float32Array(targetSize(dataset));
  for (let i = 0; i < dataset.size; i++) {
    dataset.read(i, example, 0);
    dataset.target(i, target, 0);
    hash.update(new Uint8Array(example.buffer)).update(new Uint8Array(target.buffer));
  }
  return hash.digest('hex');
}
