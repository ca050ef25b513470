import { z } from 'zod';
import { defineSchedule, epochs, parts } from './define.ts';

const { from, to, rate } = parts;

export const approach = defineSchedule({
  summary: 'to + (from − to)·e^(−λt) with t in epochs: nears its end without a corner.',
  options: z.strictObject({ schedule: z.literal('approach'), from, rate, to: to.default(1) }),
  at: (o, progress) => o.to + (o.from - o.to) * Math.exp(-o.rate * epochs(progress)),
  lowest: (o) => Math.min(o.from, o.to),
});
