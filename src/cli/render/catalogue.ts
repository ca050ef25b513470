import type { Entry, EntryOption, Topic } from '../catalogue.ts';

/** Topics with one line for each entry. */
export const renderTopics = (topics: readonly Topic[]): string =>
  topics
    .map(({ name, where, entries }) => {
      const width = Math.max(...entries.map((e) => e.kind.length));
      return [`${name}  (${where})`, ...entries.map((e) => `  ${e.kind.padEnd(width)}  ${e.summary}`), ''].join('\n');
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
