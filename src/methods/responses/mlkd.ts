import { z } from 'zod';
import { multiLevel } from '../../losses/responses/mlkd.ts';
import { defineMethod } from '../define.ts';
import { common } from '../options.ts';
import { bothLogits, logitsOf } from './logits.ts';

const level = (matched: string) => z.number().min(0).default(1).describe(`Weight of ${matched}`);

export const mlkd = defineMethod({
  kind: 'mlkd',
  summary: 'Match class probabilities at several temperatures, and which examples and which classes they make alike.',
  paper: 'https://openaccess.thecvf.com/content/CVPR2023/html/Jin_Multi-Level_Logit_Distillation_CVPR_2023_paper.html',
  expect: 'Over kd in the paper, much of it owed to the longer training and stronger augmentation used there.',
  tasks: ['classification'],
  needs: bothLogits,
  options: z.strictObject({
    kind: z.literal('mlkd'),
    ...common,
    temperatures: z.array(z.number().positive()).min(1).default([2, 3, 4, 5, 6]).describe('The losses at each are added up'),
    instance: level('the probabilities of each example'),
    batch: level('likeness between examples'),
    classes: level('likeness between classes'),
  }),
  loss: (signals, { temperatures, instance, batch, classes }) => ({
    values: multiLevel(...logitsOf(signals), { temperatures, instance, batch, classes }),
  }),
});
