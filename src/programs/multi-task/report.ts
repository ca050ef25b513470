import { compare, over, told } from '../findings.ts';
import type { Findings } from '../record.ts';
import type { ByTask } from './alone.ts';
import type { Tasks } from './tasks.ts';
import type { Joint } from './together.ts';

const headline = { name: 'accuracy', higherIsBetter: true };

/** Table and sentence of one student of several tasks against one for each. */
export function findings({ all }: Pick<Tasks, 'all'>, { own, joint }: { readonly own: ByTask; readonly joint: Joint }): Findings {
  const of = (found: ByTask, i: number) => over(found[i]!, headline.name);
  const words = all.map(({ name }, i) => {
    const { words } = compare(headline, of(joint.byTask, i), of(own, i));
    return `${name} ${told('accuracy', of(joint.byTask, i).mean)}, ${words} from a student of its own`;
  });
  return {
    sentence: `One student of ${all.length} tasks: ${words.join('; ')}.`,
    figures: [
      ...all.map(({ name }, i) => ({
        value: of(joint.byTask, i),
        unit: 'percent' as const,
        words: `${name}, by the one student`,
      })),
      { value: joint.parameters, unit: 'count', words: 'parameters, all heads included' },
    ],
    tables: [
      {
        title: 'Test accuracy by task',
        note: 'A head is judged among the classes of its task. Students of one task are of the same kind and see their data as often.',
        columns: [
          { title: 'train', unit: 'count' },
          { title: 'teacher', unit: 'percent' },
          { title: 'a student of its own', unit: 'percent' },
          { title: 'the one student', unit: 'percent' },
        ],
        rows: all.map(({ name, splits, score }, i) => ({
          name,
          cells: [splits.train.size, score?.accuracy ?? null, of(own, i), of(joint.byTask, i)],
        })),
      },
    ],
    charts: [],
  };
}
