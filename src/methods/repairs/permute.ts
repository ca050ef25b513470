import { z } from 'zod';
import { tensor } from '../../graph/type.ts';
import { add, cast, mul, sub } from '../../ops/elementwise.ts';
import { argMax, gatherElements, scatterElements, topK } from '../../ops/gather.ts';
import { oneHot } from '../../ops/select.ts';
import { defineRepair } from './define.ts';

export const permute = defineRepair({
  repair: 'permute',
  summary:
    'Deals the probabilities of all classes but the first choice out anew at random (DKPP): what is left of dark knowledge is how sure the teacher is.',
  paper: 'https://arxiv.org/abs/1805.04770',
  labels: false,
  options: z.strictObject({ repair: z.literal('permute') }),
  apply: (logits, { extras }) => {
    const [batch, classes] = logits.shape as readonly [number, number];
    // Above every other key, so that the first choice comes first in both orders and keeps its place.
    const first = mul(cast(oneHot(argMax(logits), classes), logits.dtype), 2);
    const order = (keys: typeof logits) => topK(add(first, keys), classes, 1).indices;
    const falling = Float32Array.from({ length: classes }, (_, i) => 1 - i / classes);
    const natural = order(cast(logits.graph.constant(tensor('float32', [1, classes], falling)), logits.dtype));
    const dealt = gatherElements(logits, order(extras.uniform('order', [batch, classes])), 1);
    return { logits: scatterElements(sub(logits, logits), natural, dealt, 1) };
  },
});
