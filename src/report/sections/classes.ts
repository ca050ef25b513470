import type { RunRecord } from '../../run/record.ts';
import { type ClassRow, perClassChart } from '../charts/per-class.ts';
import { fixed, signed } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { chart, more, table } from '../parts.ts';
import { responsive } from '../plot.ts';
import { roles, roleTag } from '../roles.ts';
import type { Section } from '../section.ts';

const most = 30;

export const classes: Section = {
  id: 'classes',
  name: 'Classes',
  title: 'Class by class',
  render: ({ results, details }: RunRecord) => {
    const names = results.data.classes;
    if (names === null || details.distilled.perClass.length === 0) return null;
    const rows = names.map((name, i) => rowOf({ results, details }, name, i));
    const sorted = rows.toSorted((a, b) => (b.change ?? Number.NEGATIVE_INFINITY) - (a.change ?? Number.NEGATIVE_INFINITY));
    const extremes = sorted.length > most ? [...sorted.slice(0, most / 2), ...sorted.slice(-most / 2)] : sorted;
    const compared = rows.some(({ change }) => change !== null);
    const order = compared
      ? 'Accuracy of each class, the largest gain over scratch first; the number is distilled − scratch in points.'
      : 'Accuracy of each class.';
    const cut =
      extremes.length < sorted.length &&
      ` The ${most / 2} at each end of ${fixed(sorted.length, 0)} classes; all of them are in the table below.`;
    return html`<p>${order}${cut} First seed.</p>${chart(
      legend({ results, details }),
      responsive((width) => perClassChart(extremes, width)),
    )}${more('The same as a table', asTable(rows, compared))}`;
  },
};

type Part = Pick<RunRecord, 'results' | 'details'>;

function legend({ details }: Part): Markup {
  return html`<span class="legend">${roles.filter(({ behaviour }) => (behaviour(details)?.perClass.length ?? 0) > 0).map(roleTag)}</span>`;
}

function rowOf({ details }: Part, name: string, i: number): ClassRow {
  const at = (values: readonly (number | null)[] | undefined): number | null => {
    const value = values?.[i] ?? null;
    return value === null ? null : value * 100;
  };
  const [distilled, scratch] = [at(details.distilled.perClass), at(details.scratch?.perClass)];
  const change = distilled === null || scratch === null ? null : distilled - scratch;
  return { name, teacher: at(details.teacher?.perClass), scratch, distilled, change };
}

function asTable(rows: readonly ClassRow[], compared: boolean): Markup {
  const present = roles.filter(({ role }) => rows.some((row) => row[role] !== null));
  const percent = (value: number | null): string => (value === null ? '–' : `${fixed(value, 1)} %`);
  const head = html`<tr><th scope="col">Class</th>${present.map((role) => html`<th scope="col">${roleTag(role)}</th>`)}${compared && html`<th scope="col">Change</th>`}</tr>`;
  const body = rows.map(
    (row) =>
      html`<tr><th scope="row">${row.name}</th>${present.map(({ role }) => html`<td>${percent(row[role])}</td>`)}${
        compared && html`<td>${row.change === null ? '–' : signed(row.change, 1)}</td>`
      }</tr>`,
  );
  return table('Accuracy by class', head, html`<tbody>${body}</tbody>`, 'plain');
}
