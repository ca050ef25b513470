import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { above, cast, div, less, max, mul, reciprocal, sub } from '../../ops/elementwise.ts';
import { reduceMax, reduceMean, reduceSum, sum } from '../../ops/reduce.ts';
import { clip } from '../../ops/select.ts';
import { unsqueeze } from '../../ops/shape.ts';
import { softmax } from '../../ops/softmax.ts';
import type { Signals } from '../define.ts';
import { scheduled, scheduleSchema } from '../schedules/list.ts';
import { defineWeighting } from './define.ts';

const own = {
  share: scheduleSchema
    .default({ schedule: 'linear', from: 0.4, to: 1, begin: 0, end: 0.5 })
    .describe('Share of the batch that counts, and how it grows: the easiest come first'),
  soft: z.number().min(0).max(1).default(0).describe('Share of the batch over which weights fall from 1 to 0; 0 cuts sharply'),
};
interface Own {
  readonly share: z.infer<typeof scheduleSchema>;
  readonly soft: number;
}

/** Share of the examples that count which are easier than the example, [B]; equals share a place. */
function place(difficulty: Value, valid: Value | undefined): Value {
  const easier = cast(less(unsqueeze(difficulty, [0]), unsqueeze(difficulty, [1])), difficulty.dtype);
  return valid
    ? div(reduceSum(mul(easier, unsqueeze(valid, [0])), [1], false), max(sum(valid), 1))
    : reduceMean(easier, [1], false);
}

/** 1 for the easiest share of the batch, then a fall over `soft`; at a share of 1 all count in full. */
function easiest(difficulty: Value, { share, soft }: Own, { extras }: Signals, valid: Value | undefined): Value {
  const counted = extras.scalar('easy_share', (progress) => Math.min(1, Math.max(0, scheduled(share, progress))) * (1 + soft));
  const room = sub(counted, place(difficulty, valid));
  return soft === 0 ? above(room) : clip(mul(room, 1 / soft), 0, 1);
}

export const curriculum = defineWeighting({
  by: 'curriculum',
  tasks: ['classification', 'regression', 'embedding'],
  summary: 'Only the examples of a batch with the lowest loss at first, all in the end: self-paced learning.',
  paper: 'https://papers.nips.cc/paper/2010/hash/e57c6b956a6521b28495f2886ca0977a-Abstract.html',
  teacher: false,
  labels: false,
  options: z.strictObject({ by: z.literal('curriculum'), ...own }),
  weigh: (signals, values, options, valid) => easiest(values, options, signals, valid),
});

export const teacherCurriculum = defineWeighting({
  by: 'teacher-curriculum',
  tasks: ['classification'],
  summary: 'Only the examples of a batch that the teacher is surest of at first, all in the end.',
  paper: 'https://doi.org/10.1145/1553374.1553380',
  teacher: true,
  labels: false,
  options: z.strictObject({ by: z.literal('teacher-curriculum'), ...own }),
  weigh: (signals, _, options, valid) =>
    easiest(reciprocal(reduceMax(softmax(signals.teacher.get('logits')!), [1], false)), options, signals, valid),
});
