import type { Gallery, ProgramResults } from '../../programs/record.ts';
import { labelOf } from '../../report/metrics.ts';
import { cellText } from '../../report/program/units.ts';
import { renderTable } from './table.ts';

/** What a program came to: its sentence, its tables, and where to look. */
export const renderProgramResults = ({ sentence, tables, galleries = [], notes }: ProgramResults, directory: string): string =>
  [
    '',
    sentence,
    '',
    ...tables.flatMap(({ title, columns, rows }) => [
      ...renderTable(
        [title, ...columns.map((c) => labelOf(c.title))],
        rows.map(({ name, cells }) => [name, ...cells.map((cell, i) => cellText(cell, columns[i]!.unit))]),
      ),
      '',
    ]),
    ...notes.map((note) => `note: ${note}`),
    `Report    ${directory}/report.html`,
    ...(galleries.some(hasPictures) ? [`Pictures  ${directory}/gallery/`] : []),
    `Runs      ${directory}/parts/`,
    `Results   ${directory}/results.json`,
    '',
  ].join('\n');

const hasPictures = ({ rows }: Gallery): boolean => rows.some(({ shown }) => shown?.kind === 'pictures');
