import { z } from 'zod';
import { type Dataset, floatDataset, plainVector } from '../dataset.ts';
import { random } from '../random.ts';
import { checkMemory, defineSource, plainSource } from '../source.ts';

const options = z.strictObject({
  kind: z.literal('blobs'),
  classes: z.int().min(2).max(100).default(5).describe('Classes'),
  clusters: z
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe('Blobs of each class; more than one makes the classes not linearly separable'),
  features: z.int().min(1).max(1000).default(8).describe('Columns'),
  spread: z
    .number()
    .positive()
    .max(100)
    .default(0.5)
    .describe('Standard deviation of a blob; the centres have standard deviation 1'),
  size: z.int().min(1).max(10_000_000).default(5000).describe('Examples, before they are divided'),
  seed: z.int().default(0).describe('Seed of the data, apart from the seeds of training'),
});

export const blobs = defineSource({
  kind: 'blobs',
  summary: 'Generated table of Gaussian blobs, several for each class.',
  options,
  async open(o, context) {
    checkMemory(o.size, 4 * o.features, context);
    const centres = new Float32Array(o.classes * o.clusters * o.features);
    random(o.seed, 'blobs/centres').fillNormal(centres);
    return plainSource(draw(o, centres));
  },
});

function draw(o: z.output<typeof options>, centres: Float32Array): Dataset {
  const r = random(o.seed, 'blobs/points');
  const values = new Float32Array(o.size * o.features);
  r.fillNormal(values);
  const labels = new Uint8Array(o.size);
  for (let i = 0; i < o.size; i++) {
    labels[i] = i % o.classes;
    const from = (labels[i]! * o.clusters + r.integer(o.clusters)) * o.features;
    for (let f = 0; f < o.features; f++) values[i * o.features + f] = centres[from + f]! + o.spread * values[i * o.features + f]!;
  }
  const columns = Array.from({ length: o.features }, (_, f) => `x${f + 1}`);
  return floatDataset({
    name: 'blobs',
    example: plainVector(columns),
    values,
    labels,
    classes: Array.from({ length: o.classes }, (_, c) => `class ${c + 1}`),
  });
}
