import { z } from 'zod';
import { GraphError } from '../../../graph/error.ts';
import { tensor } from '../../../graph/type.ts';
import { defineTeacherWeighting } from './define.ts';

/** As FedDF weights its clients (Lin et al. 2020, arXiv 2006.07242). */
export const fixed = defineTeacherWeighting({
  by: 'fixed',
  summary: 'Numbers, one for each teacher; only their proportions matter. Accuracies on validation data, for one.',
  labels: false,
  student: () => [],
  options: z.strictObject({
    by: z.literal('fixed'),
    values: z
      .array(z.number().min(0))
      .min(1)
      .refine((values) => values.some((v) => v > 0), 'at least one weight has to be above 0')
      .describe('In the order of the teachers'),
  }),
  score: (teachers, _, { values }) => {
    if (values.length !== teachers.length) {
      const found = `${values.length} weights for ${teachers.length} teachers`;
      throw new GraphError('shape-mismatch', `ensemble-kd: ${found}; expected one for each; give as many weights as teachers`);
    }
    const { graph, dtype } = teachers[0]!;
    // A weight of zero gets a number that the softmax makes zero again.
    const logs = values.map((v) => (v === 0 ? -1e30 : Math.log(v)));
    return { scores: graph.constant(tensor(dtype, [1, values.length], logs)) };
  },
});
