import { z } from 'zod';
import { defineMap, type Pair, upTo } from './define.ts';

export const uniform = defineMap({
  summary: 'Layer l of S with layer ⌊l·T/S⌋ of T: evenly spread, starting with the first.',
  options: z.strictObject({ map: z.literal('uniform') }),
  pairs: ({ student, teacher }) => upTo(student).map((l): Pair => [l, Math.floor((l * teacher) / student)]),
});

export const blockEnds = defineMap({
  summary:
    'Layer l of S with layer ⌈(l + 1)·T/S⌉ − 1 of T: the ends of even blocks, the last with the last (TinyBERT, 1909.10351).',
  options: z.strictObject({ map: z.literal('block-ends') }),
  pairs: ({ student, teacher }) => upTo(student).map((l): Pair => [l, Math.ceil(((l + 1) * teacher) / student) - 1]),
});

export const bottomUp = defineMap({
  summary: 'Layer l with layer l, counted from the input; what is left over is not compared.',
  options: z.strictObject({ map: z.literal('bottom-up') }),
  pairs: ({ student, teacher }) => upTo(Math.min(student, teacher)).map((l): Pair => [l, l]),
});

/** The last n pairs, counted from the output. */
const fromTheTop = (n: number, student: number, teacher: number): readonly Pair[] =>
  upTo(n).map((i): Pair => [student - n + i, teacher - n + i]);

export const topDown = defineMap({
  summary: 'Layer l with layer T − S + l, counted from the output; what is left over is not compared.',
  options: z.strictObject({ map: z.literal('top-down') }),
  pairs: ({ student, teacher }) => fromTheTop(Math.min(student, teacher), student, teacher),
});

export const last = defineMap({
  summary: 'The last k layers of both, counted from the output; all there are if there are fewer.',
  options: z.strictObject({ map: z.literal('last'), k: z.int().min(1).default(1).describe('How many pairs') }),
  pairs: ({ student, teacher }, { k }) => fromTheTop(Math.min(k, student, teacher), student, teacher),
});
