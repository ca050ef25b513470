import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { labelled } from '../../losses/responses/labelled.ts';
import { cast, equal, mul, sub } from '../../ops/elementwise.ts';
import { argMax, gatherElements } from '../../ops/gather.ts';
import { oneHot, where } from '../../ops/select.ts';
import { unsqueeze } from '../../ops/shape.ts';
import { defineRepair, type Repaired } from './define.ts';

/** Where the teacher's first choice is, and where it should be; the same where the teacher is right or there is no label: int64 [B]. */
interface Places {
  readonly said: Value;
  readonly should: Value;
}

const wrong = ({ said, should }: Places, like: Value): Value => sub(1, cast(equal(said, should), like.dtype));

type How = (logits: Value, places: Places, temperature: number) => Repaired;

const ways: Readonly<Record<'swap' | 'drop' | 'temper', How>> = {
  swap: (logits, { said, should }) => {
    const classes = logits.shape[1] as number;
    const at = (place: Value): Value => gatherElements(logits, unsqueeze(place, [1]), 1);
    const rest = where(oneHot(should, classes), at(said), logits);
    return { logits: where(oneHot(said, classes), at(should), rest) };
  },
  drop: (logits, places) => ({ logits, trusted: sub(1, wrong(places, logits)) }),
  temper: (logits, places, temperature) => {
    const factor = sub(1, mul(wrong(places, logits), 1 - 1 / temperature));
    return { logits: mul(logits, unsqueeze(factor, [1])) };
  },
};

export const correct = defineRepair({
  repair: 'correct',
  summary: 'Mends the teacher where its first choice is not the label; examples without a label stay as they are.',
  paper: 'https://arxiv.org/abs/1911.07471',
  labels: true,
  options: z.strictObject({
    repair: z.literal('correct'),
    how: z
      .enum(['swap', 'drop', 'temper'])
      .default('swap')
      .describe(
        'swap: exchange the probabilities of its choice and the label; drop: leave the teacher out; temper: make it less sure',
      ),
    temperature: z.number().min(1).default(4).describe('What logits are divided by with temper'),
  }),
  apply: (logits, { target }, { how, temperature }) => {
    const said = argMax(logits);
    const known = cast(labelled(target), 'bool');
    return ways[how](logits, { said, should: where(known, argMax(target), said) }, temperature);
  },
});
