import { z } from 'zod';
import { type Dataset, floatDataset, plainVector } from '../dataset.ts';
import { random } from '../random.ts';
import { checkMemory, defineSource, plainSource } from '../source.ts';

const options = z.strictObject({
  kind: z.literal('spirals'),
  classes: z.int().min(2).max(20).default(3).describe('Arms, one class each'),
  size: z.int().min(1).max(10_000_000).default(4000).describe('Examples, before they are divided'),
  turns: z.number().positive().max(10).default(0.9).describe('Turns of an arm around the centre'),
  noise: z
    .number()
    .min(0)
    .max(10)
    .default(0.06)
    .describe('Standard deviation of the noise on both coordinates; the spiral has radius 1'),
  distractors: z.int().min(0).max(1000).default(0).describe('Further columns of noise that say nothing'),
  seed: z.int().default(0).describe('Seed of the data, apart from the seeds of training'),
});

export const spirals = defineSource({
  kind: 'spirals',
  summary: 'Generated points on the arms of a spiral: a small table that no linear model can tell apart.',
  options,
  async open(o, context) {
    checkMemory(o.size, 4 * (2 + o.distractors), context);
    return plainSource(draw(o));
  },
});

function draw(o: z.output<typeof options>): Dataset {
  const r = random(o.seed, 'spirals');
  const width = 2 + o.distractors;
  const values = new Float32Array(o.size * width);
  const labels = new Uint8Array(o.size);
  for (let i = 0; i < o.size; i++) {
    const arm = i % o.classes;
    const along = Math.sqrt(r.uniform());
    const angle = 2 * Math.PI * (arm / o.classes + o.turns * along);
    labels[i] = arm;
    values[i * width] = along * Math.cos(angle) + o.noise * r.normal();
    values[i * width + 1] = along * Math.sin(angle) + o.noise * r.normal();
    for (let d = 2; d < width; d++) values[i * width + d] = 0.5 * r.normal();
  }
  const columns = ['x', 'y', ...Array.from({ length: o.distractors }, (_, d) => `noise ${d + 1}`)];
  return floatDataset({
    name: 'spirals',
    example: plainVector(columns),
    values,
    labels,
    classes: Array.from({ length: o.classes }, (_, c) => `arm ${c + 1}`),
  });
}
