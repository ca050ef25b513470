import { z } from 'zod';
import { between, defineSchedule, parts } from './define.ts';

const { from, to, begin, end } = parts;

export const linear = defineSchedule({
  summary: 'In a line from one number to another.',
  options: z.strictObject({ schedule: z.literal('linear'), from, to, begin, end }),
  at: (o, progress) => o.from + (o.to - o.from) * between(progress, o),
  lowest: (o) => Math.min(o.from, o.to),
});
