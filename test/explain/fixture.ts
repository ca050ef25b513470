import { explainLogits } from '../../src/explain/explain.ts';
import type { Explanation, Knowledge, Shown } from '../../src/explain/knowledge.ts';
import type { Logits } from '../../src/explain/soft-targets.ts';
import { pictureUri } from '../report/picture.ts';

/** Numbers in [0, 1) that depend on the arguments alone. */
const noise = (i: number, k: number): number => {
  const x = Math.sin(i * 12.9898 + k * 78.233) * 43758.5453;
  return x - Math.floor(x);
};

/** Logits of a teacher that is mostly right and takes each class for the next one now and then. */
export function madeUp(classes: number, rows: number): { readonly logits: Logits; readonly labels: Int32Array } {
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes);
  const data = Float32Array.from({ length: rows * classes }, (_, at) => {
    const [i, k] = [Math.floor(at / classes), at % classes];
    const away = (k - labels[i]! + classes) % classes;
    return 4 * noise(i, k) + (away === 0 ? 9 * noise(i, -1) : 0) + (away === 1 ? 4 * noise(i, -2) : 0);
  });
  return { logits: { data, rows, width: classes }, labels };
}

/** What such a teacher knows, with cards of `count` examples in each list. */
export function knowledge(classes: readonly string[], count = 4): Knowledge {
  const { logits, labels } = madeUp(classes.length, 30 * classes.length);
  const { difficulties, curriculum, ...found } = explainLogits(logits, labels);
  const card = (index: number): Shown => ({
    index,
    picture: index % 3 === 0 ? null : pictureUri(8, (x, y) => [x * 30, y * 30, (index * 7) % 256]),
    row: index % 3 === 0 ? { petal: index / 3, [classes[0]!]: classes[1]! } : null,
    label: index % 5 === 0 ? null : classes[labels[index]!]!,
    guesses: [
      { label: classes[0]!, probability: 0.99971 },
      { label: classes[labels[index]!]!, probability: 0.0002 },
      { label: classes.at(-1)!, probability: 0 },
    ],
  });
  const cards = (indices: Uint32Array): Shown[] => Array.from(indices.subarray(0, count), card);
  return {
    ...found,
    suspects: found.mislabelled.length,
    hardest: cards(found.hardest),
    ambiguous: cards(found.ambiguous),
    mislabelled: cards(found.mislabelled),
  };
}

/** The whole of `explain.json`. */
export function explanation(classes: readonly string[], teacher = 'resnet20.onnx'): Explanation {
  const known = knowledge(classes);
  return {
    version: 1,
    potstill: '0.1.0',
    name: teacher,
    teacher,
    data: 'CIFAR-10',
    split: 'train',
    size: known.examples * 2,
    classes,
    accuracy: 0.915,
    ece: 0.031,
    reliability: [
      { from: 0, to: 0.5, count: 0, confidence: 0, accuracy: 0 },
      { from: 0.5, to: 1, count: known.examples, confidence: 0.94, accuracy: 0.915 },
    ],
    knowledge: known,
    curriculum: [],
  };
}
