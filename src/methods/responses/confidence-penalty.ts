import { z } from 'zod';
import { confidencePenalty as penalty } from '../../losses/responses/confidence.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';

export const confidencePenalty = defineMethod({
  kind: 'confidence-penalty',
  summary: 'Reward predictions with a high entropy; needs no teacher.',
  paper: 'https://arxiv.org/abs/1701.06548',
  expect:
    'A regulariser beside labels, like label smoothing; the value is negative. Together with kd it mostly blurs the teacher.',
  tasks: ['classification'],
  needs: () => ({ teacher: [], student: ['logits'], labels: false }),
  options: z.strictObject({
    kind: z.literal('confidence-penalty'),
    ...common,
    beta: z.number().positive().default(0.1).describe('Factor of the entropy'),
  }),
  loss: ({ student }, { beta }) => ({ values: penalty(student.get('logits')!, beta) }),
});
