import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { infoNce } from '../../losses/features/contrast.ts';
import { unit } from '../../losses/features/unit.ts';
import { linear } from '../../models/layers.ts';
import { anyTask, defineMethod, type Extras } from '../define.ts';
import { common } from '../options.ts';
import { type MemoryOptions, memoryContrast } from './crd-memory.ts';
import { vectorOf } from './vectors.ts';

type Contrast = (extras: Extras, student: Value, teacher: Value, options: MemoryOptions) => Value;

const contrasts: Readonly<Record<'memory' | 'batch', Contrast>> = {
  memory: memoryContrast,
  batch: (_, student, teacher, { temperature }) => infoNce(student, teacher, temperature),
};

export const crd = defineMethod({
  kind: 'crd',
  summary: 'Bring embeddings of the same example together and those of different examples apart, across student and teacher.',
  paper: 'https://arxiv.org/abs/1910.10699',
  expect:
    'The best of the older feature losses, above kd in its own comparison and better still with it. Keeps two embeddings of every ' +
    'training example in memory. Usual weight 0.8.',
  tasks: anyTask,
  needs: ({ student, teacher }) => ({ student: [student], teacher: [teacher], labels: false }),
  options: z.strictObject({
    kind: z.literal('crd'),
    ...common,
    student: z.string().min(1).default('embedding').describe('Tap of the student, by role or tensor name; maps are averaged'),
    teacher: z.string().min(1).default('embedding').describe('Tap of the teacher, by role or tensor name; maps are averaged'),
    negatives: z
      .enum(['memory', 'batch'])
      .default('memory')
      .describe('memory: remembered embeddings of all examples (the paper); batch: the other examples of the batch (InfoNCE)'),
    count: z.int().min(1).default(1024).describe('How many remembered embeddings each example is told from; the paper has 16384'),
    shared: z.boolean().default(false).describe('Draw them once for the whole batch, which costs far less'),
    size: z.int().min(2).default(128).describe('Length of the embeddings that are compared'),
    temperature: z.number().positive().default(0.07).describe('Divides the products of embeddings'),
    momentum: z.number().min(0).max(1).default(0.5).describe('How much of a remembered embedding stays when it is seen again'),
  }),
  loss: (signals, { student, teacher, negatives, size, ...options }) => {
    const { extras } = signals;
    const embed = (side: string, x: Value): Value => unit(linear(extras, side, vectorOf('crd', x, 'class'), size), [1]);
    const s = embed('student', signals.student.get(student)!);
    const t = embed('teacher', signals.teacher.get(teacher)!);
    return { values: contrasts[negatives](extras, s, t, options) };
  },
});
