import { z } from 'zod';
import { type Dataset, floatDataset, plainTarget, plainVector } from '../dataset.ts';
import { random } from '../random.ts';
import { checkMemory, defineSource, plainSource } from '../source.ts';
import { standardise } from '../standardise.ts';

const options = z.strictObject({
  kind: z.literal('friedman'),
  size: z.int().min(1).max(10_000_000).default(5000).describe('Examples, before they are divided'),
  noise: z.number().min(0).max(1000).default(1).describe('Standard deviation of the noise on the target, whose own is about 4.9'),
  seed: z.int().default(0).describe('Seed of the data, apart from the seeds of training'),
});

const FEATURES = 10;
export const friedman = defineSource({
  kind: 'friedman',
  summary:
    'Generated regression table of Friedman (1991, "Multivariate adaptive regression splines", §4.3): five of ten columns matter.',
  options,
  async open(o, context) {
    checkMemory(o.size, 4 * FEATURES, context);
    return { ...plainSource(draw(o)), fit: (train) => standardise(train, []) };
  },
});

/** y = 10 sin(π x1 x2) + 20 (x3 − ½)² + 10 x4 + 5 x5 + noise, with x uniform in [0, 1). */
function draw(o: z.output<typeof options>): Dataset {
  const r = random(o.seed, 'friedman');
  const values = new Float32Array(o.size * FEATURES);
  const noise = new Float32Array(o.size);
  r.fillUniform(values);
  r.fillNormal(noise);
  const y = new Float32Array(o.size);
  for (let i = 0; i < o.size; i++) {
    const [a, b, c, d, e] = values.subarray(i * FEATURES) as unknown as [number, number, number, number, number];
    y[i] = 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + o.noise * noise[i]!;
  }
  return floatDataset({
    name: 'friedman',
    example: plainVector(Array.from({ length: FEATURES }, (_, f) => `x${f + 1}`)),
    values,
    targets: [plainTarget('y')],
    targetValues: y,
  });
}
