import { z } from 'zod';
import { defineSchedule, epochs, parts } from './define.ts';

const { from, rate } = parts;

export const exponential = defineSchedule({
  summary: 'max(floor, from·e^(−λt)) with t in epochs: decays as printed, and stops at the floor.',
  options: z.strictObject({
    schedule: z.literal('exponential'),
    from,
    rate,
    floor: z.number().min(0).default(1).describe('Number that it stops at'),
  }),
  at: (o, progress) => Math.max(o.floor, o.from * Math.exp(-o.rate * epochs(progress))),
  lowest: (o) => o.floor,
});
