import { z } from 'zod';
import { guessing, maskedCrossEntropy } from '../../losses/responses/masked.ts';
import { cast } from '../../ops/elementwise.ts';
import { anyTextTask, defineMethod } from '../define.ts';
import { common } from '../options.ts';

export const maskedLanguage = defineMethod({
  kind: 'masked-language',
  summary: 'Guess the tokens that the augmentation mask-tokens has hidden: learning from texts without labels.',
  paper: 'https://arxiv.org/abs/1810.04805',
  expect: 'Before the task itself, as a stage: more texts than labels make it worth its time.',
  tasks: anyTextTask,
  needs: () => ({ teacher: [], student: ['masked', 'masked.answers', 'masked.valid'], labels: false }),
  options: z.strictObject({ kind: z.literal('masked-language'), ...common }),
  loss: ({ student }) => {
    const valid = student.get('masked.valid')!;
    return {
      values: maskedCrossEntropy(student.get('masked')!, cast(student.get('masked.answers')!, 'int64'), valid),
      valid: guessing(valid),
    };
  },
});
