import { bytes, fixed } from '../../report/format.ts';
import type { Metadata } from '../../synthesis/metadata/metadata.ts';
import { renderTable } from './table.ts';

/** What was recorded: a line for each layer and each pair, what was left out and why, and the file. */
export function renderCollected(metadata: Metadata, path: string, size: number): string {
  const { teacher, data, layers, pairs, classes, classesFrom, atLeast, leftOut } = metadata;
  const { all, byClass } = layers[0]!;
  const small = classes.filter((_, c) => byClass[c] === null);
  const row = (name: string, { all: of, byClass: groups }: Pick<(typeof layers)[number], 'all' | 'byClass'>) => [
    name,
    fixed(of.mean.length, 0),
    of.covariance ? 'yes' : 'no',
    ...(classes.length > 0 ? [String(groups.filter((g) => g !== null).length)] : []),
  ];
  return [
    '',
    `${teacher} on ${fixed(all.count, 0)} train examples of ${data}`,
    ...(classesFrom === null ? [] : [`classes from ${classesFrom === 'labels' ? 'the labels' : classesFrom}`]),
    '',
    ...renderTable(
      ['layer', 'numbers', 'covariance', ...(classes.length > 0 ? ['classes'] : [])],
      [...layers.map((layer) => row(layer.tap, layer)), ...pairs.map((pair) => row(pair.taps.join(' and '), pair))],
    ),
    '',
    ...(small.length > 0 ? [`Without statistics of their own, having fewer than ${atLeast} examples: ${small.join(', ')}.`] : []),
    ...(leftOut > 0 ? [`In no statistic: ${fixed(leftOut, 0)} examples, which the difference of the others would tell of.`] : []),
    `File      ${path} (${bytes(size)})`,
    '',
  ].join('\n');
}
