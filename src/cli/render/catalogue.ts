import type { Topic } from '../catalogue.ts';
import type { Entry, EntryOption } from '../entry.ts';

/** Topics with a line for each entry, and below it what it needs, what to expect and where it is from. */
export const renderTopics = (topics: readonly Topic[]): string =>
  topics
    .map(({ name, where, entries }) => {
      const width = Math.max(...entries.map((e) => e.kind.length));
      const indent = ' '.repeat(width + 4);
      const more = ({ needs, expect, paper }: Entry): string[] => [
        ...(needs ? [`needs ${needs}`] : []),
        ...(expect ? [`expect: ${expect}`] : []),
        ...(paper ? [paper] : []),
      ];
      const lines = entries.flatMap((e) => [`  ${e.kind.padEnd(width)}  ${e.summary}`, ...more(e).map((text) => indent + text)]);
      return [`${name}  (${where})`, ...lines, ''].join('\n');
    })
    .join('\n');

/** One entry with all that is known of it. */
export const renderEntry = ({ kind, summary, paper, expect, needs, options }: Entry, { name, where }: Topic): string =>
  [
    `${kind}  (${name}; ${where})`,
    `  ${summary}`,
    ...(expect ? [`  Expect: ${expect}`] : []),
    ...(needs ? [`  Needs: ${needs}`] : []),
    ...(paper ? [`  Paper: ${paper}`] : []),
    ...(options.length > 0 ? ['  Options:', ...options.flatMap(optionLines)] : []),
    '',
  ].join('\n');

function optionLines({ name, type, required, fallback, description }: EntryOption): readonly string[] {
  const rest = required ? ', required' : fallback === undefined ? '' : `, default ${JSON.stringify(fallback)}`;
  return [`    ${name}: ${type}${rest}`, ...(description ? [`        ${description}`] : [])];
}
