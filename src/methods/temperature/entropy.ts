import { z } from 'zod';
import { entropy as entropyOf } from '../../losses/responses/soft-targets.ts';
import { add, mul, stopGradient } from '../../ops/elementwise.ts';
import { unsqueeze } from '../../ops/shape.ts';
import { defineTemperature, inOrder, limits } from './define.ts';

/** T = min + (max − min)·(1 − H/log K), or with H/log K: H is the entropy of the teacher at temperature 1. The formula is ours. */
export const entropy = defineTemperature({
  by: 'entropy',
  summary:
    'Between two limits by the entropy of the teacher: what it is sure of is softened most, so that the rest shows (our formula).',
  paper: 'https://arxiv.org/abs/1911.07471',
  options: z
    .strictObject({
      by: z.literal('entropy'),
      ...limits(1, 8),
      softens: z
        .enum(['confident', 'uncertain'])
        .default('confident')
        .describe('Which examples get the highest temperature: those the teacher is sure of, or those it is not'),
    })
    .refine(...inOrder),
  of: ({ min, max, softens }, { teacher }) => {
    const logits = stopGradient(teacher.get('logits')!);
    const share = mul(entropyOf(logits), 1 / Math.log(logits.shape[1] as number));
    const [at, slope] = { confident: [max, min - max], uncertain: [min, max - min] }[softens] as [number, number];
    return unsqueeze(add(mul(share, slope), at), [1]);
  },
});
