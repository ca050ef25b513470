import { z } from 'zod';
import { between, defineSchedule, parts } from './define.ts';

const { from, to, begin, end } = parts;

export const cosine = defineSchedule({
  summary: 'From one number to another along half a cosine.',
  options: z.strictObject({ schedule: z.literal('cosine'), from, to, begin, end }),
  at: (o, progress) => o.to + ((o.from - o.to) * (1 + Math.cos(Math.PI * between(progress, o)))) / 2,
  lowest: (o) => Math.min(o.from, o.to),
});
