import { z } from 'zod';
import { type StudentModelOptions, studentModel } from '../../recipe/recipe.ts';
import type { RunRecord } from '../../run/record.ts';
import { taskOf } from '../../run/tasks/of.ts';
import { defineProgram, issue } from '../define.ts';
import { sharedTeacher } from '../shared-teacher.ts';
import { findingsOf } from './findings.ts';

const fewest = 3;

const options = z.strictObject({
  kind: z.literal('capacity-study'),
  sizes: z
    .array(studentModel)
    .min(2)
    .max(24)
    .describe('Models that the student takes one after another, beside that of the recipe, in any order; three in all at least'),
  draws: z.int().min(100).max(100_000).default(2000).describe('Draws of the bootstrap of the exponent'),
  level: z.number().gt(0.5).lt(1).default(0.95).describe('Level of its interval'),
});

/** All sizes, each once. */
function sizesOf(sizes: readonly StudentModelOptions[], own: StudentModelOptions): readonly StudentModelOptions[] {
  const all = new Map([...sizes, own].map((model) => [JSON.stringify(model), model]));
  return [...all.values()];
}

export const capacityStudy = defineProgram({
  kind: 'capacity-study',
  summary:
    'Students of several sizes under one teacher, each distilled and from scratch: how the gap shrinks with size, what each range of compression keeps, and the smallest size that keeps enough.',
  paper: 'https://arxiv.org/abs/2502.08606',
  expect:
    'The gap to the teacher shrinks with size about as a power of it, ΔL ∝ κ^(−β), until students come near the teacher; distillation helps small students on little data most. A law from six sizes holds for these data and this budget, not beyond.',
  teaches: false,
  options,
  check: ({ sizes }, recipe) => [
    ...(recipe.teacher ? [] : [issue('teacher', 'found none; expected the one that all sizes are compared with; add `teacher`')]),
    ...(sizesOf(sizes, recipe.student.model).length < fewest
      ? [
          issue(
            'program.sizes',
            `found fewer than ${fewest} different models, student.model among them; expected at least ${fewest}: two points are always a line`,
          ),
        ]
      : []),
  ],
  async run(o, workshop) {
    const { recipe } = workshop;
    const task = taskOf((await workshop.openData(recipe.data)).train);
    const teacher = await sharedTeacher(workshop, task);
    const records: RunRecord[] = [];
    const models = sizesOf(o.sizes, recipe.student.model);
    for (const [i, model] of models.entries())
      records.push(await workshop.run(`size-${i + 1}`, { ...recipe, teacher, student: { ...recipe.student, model } }));
    return findingsOf(
      records.map((r) => r.results),
      { ...o, seed: recipe.seeds[0]!, note: workshop.note },
    );
  },
});
