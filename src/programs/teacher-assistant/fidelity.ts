import type { Splits } from '../../data/split.ts';
import type { TeacherOptions } from '../../recipe/recipe.ts';
import type { Matrix } from '../../run/metrics.ts';
import { scoreTeacher } from '../../run/score-teacher.ts';
import type { Task } from '../../run/tasks/define.ts';
import type { Workshop } from '../define.ts';

/**
 * Measures students of parts on the test split against the teacher at the head of the chain, whoever taught them.
 * @returns test metrics by part and seed, remembered.
 */
export function openFidelity({ recipe, options, at, remember }: Workshop, task: Task, { test }: Splits, teacher: TeacherOptions) {
  const said = async (by: TeacherOptions): Promise<Matrix> => (await scoreTeacher({ ...recipe, teacher: by }, options)).outputs;
  let theirs: Promise<Matrix> | null = null;
  return (part: string, seed: number): Promise<Readonly<Record<string, number>>> =>
    remember(`${part.replaceAll('/', '-')}-against-the-teacher`, async () => {
      theirs ??= said(teacher);
      const own = await said({ kind: 'run', run: at(part), side: 'distilled', seed });
      return task.metrics(own, test, await theirs);
    });
}
