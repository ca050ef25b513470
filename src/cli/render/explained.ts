import type { Explanation } from '../../explain/knowledge.ts';
import { adviceWords, rangeWords } from '../../report/explain/advice.ts';
import { nearestWords } from '../../report/explain/neighbours.ts';
import { clipped, fixed } from '../../report/format.ts';
import { renderTable } from './table.ts';

const mostClasses = 20;

/** What an explanation came to: accuracy, a line for each class, softness by temperature, and where to start. */
export function renderExplained(explanation: Explanation, folder: string): string {
  const { teacher, data, split, size, accuracy, ece, knowledge } = explanation;
  const { examples, entropy, advice, difficulty, suspects, neighbours, labelled } = knowledge;
  const of = examples < size ? `${fixed(examples, 0)} of ${fixed(size, 0)}` : fixed(size, 0);
  return [
    '',
    `${teacher} on ${of} ${split} examples of ${data}`,
    ...(accuracy === null ? [] : [`accuracy ${percent(accuracy, 2)}, calibration error ${percent(ece!, 2)}`]),
    '',
    ...classes(explanation, `looks like, at T = ${neighbours.temperature}`),
    '',
    ...renderTable(
      ['temperature', ...entropy.map(({ temperature }) => String(temperature))],
      [['mean entropy, % of the largest possible', ...entropy.map(({ mean }) => fixed(mean * 100, 1))]],
    ),
    '',
    ...renderTable(
      ['examples', ...difficulty.map(({ name }) => name)],
      [['share, by confidence', ...difficulty.map(({ count }) => percent(count / examples))]],
    ),
    ...(labelled === 0 ? [] : [`possibly mislabelled: ${fixed(suspects, 0)}`]),
    '',
    `Start with T = ${advice.start}; worth trying: ${rangeWords(advice)}.`,
    adviceWords(advice),
    '',
    `Page      ${folder}/explain.html`,
    `Numbers   ${folder}/explain.json`,
    '',
  ].join('\n');
}

function classes({ classes: names, knowledge: { neighbours } }: Explanation, heading: string): readonly string[] {
  const shown = names.slice(0, mostClasses);
  const words = [heading, ...shown.map((_, i) => nearestWords(neighbours, i, names))];
  const rows = shown.map((name, i) => [clipped(name, 24), fixed(neighbours.classes[i]?.count ?? 0, 0)]);
  const rest = names.length - shown.length;
  return [
    ...renderTable(['class', 'examples'], rows).map((row, i) => `${row}   ${words[i]}`),
    ...(rest > 0 ? [`and ${fixed(rest, 0)} more classes, in explain.json`] : []),
  ];
}

const percent = (share: number, decimals = 1): string => `${fixed(share * 100, decimals)} %`;
