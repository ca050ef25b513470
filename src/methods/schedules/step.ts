import { z } from 'zod';
import { defineSchedule, parts, share } from './define.ts';

const { from, to } = parts;

export const step = defineSchedule({
  summary: 'One number, then another.',
  options: z.strictObject({
    schedule: z.literal('step'),
    from,
    to,
    at: z.number().min(0).max(1).default(0.5).describe('Share of the training after which it changes'),
  }),
  at: (o, progress) => (share(progress) < o.at ? o.from : o.to),
  lowest: (o) => Math.min(o.from, o.to),
});
