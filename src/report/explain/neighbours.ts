import type { Neighbours } from '../../explain/knowledge.ts';
import { shadeMap } from '../charts/shade-map.ts';
import { type ConfusionCell, confusionOf } from '../confusion.ts';
import { clipped, fixed } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { more, table } from '../parts.ts';
import { teacher } from '../roles.ts';

const largestTable = 20;
const largestList = 20;

/** `cat looks like dog (4.1 %), …`: which classes are close to which, as a matrix and in words. */
export function renderNeighbours(neighbours: Neighbours, names: readonly string[]): Markup {
  return html`<div class="confusion">${matrix(neighbours, names)}${list(neighbours, names)}</div>`;
}

/** What the matrix and the list show, as a sentence. */
export function neighboursWords({ temperature, by }: Neighbours): string {
  const grouped = by === 'label' ? 'its examples' : 'the examples that the teacher takes for it, since none has a label';
  return `The mean soft target of a class over ${grouped}, at T = ${temperature}: which other classes the teacher sees in it. This is what soft targets say beyond the label.`;
}

/** `dog (4.1 %), deer (2.0 %)`. */
export function nearestWords({ classes }: Neighbours, own: number, names: readonly string[]): string {
  const near = classes[own]?.nearest ?? [];
  return near.map(({ class: k, mass }) => `${clipped(nameOf(names, k), 24)} (${percent(mass)})`).join(', ');
}

function matrix({ mean }: Neighbours, names: readonly string[]): Markup | null {
  if (mean === null || mean.length === 0) return null;
  const { cells } = confusionOf(mean);
  if (cells.length > largestTable) return map(cells);
  const head = html`<tr><td></td>${cells.map((_, j) => html`<th scope="col"><span>${clipped(nameOf(names, j), 16)}</span></th>`)}</tr>`;
  const body = cells.map((row, i) => {
    const columns = row.map(({ count: mass, level }) =>
      mass < 0.005 ? html`<td></td>` : html`<td class="right l${level}" title="${percent(mass)}">${fixed(mass * 100, 0)}</td>`,
    );
    return html`<tr><th scope="row">${clipped(nameOf(names, i), 16)}</th>${columns}</tr>`;
  });
  return html`<div style="--role:${teacher.colour}">${table('Mean soft target of each class, in percent', head, html`<tbody>${body}</tbody>`, 'matrix')}</div>`;
}

function map(cells: readonly (readonly ConfusionCell[])[]): Markup {
  const says = `Mean soft targets of ${cells.length} classes in shades; the list beside it names the nearest classes`;
  const visible = cells.map((row) => row.map(({ count, level }) => ({ shade: count < 0.005 ? null : `right l${level}` })));
  return shadeMap(says, teacher.colour, visible);
}

function list(neighbours: Neighbours, names: readonly string[]): Markup {
  const rows = names.flatMap((name, i) => {
    const near = nearestWords(neighbours, i, names);
    if (near === '' || neighbours.classes[i]?.count === 0) return [];
    return [html`<li><b>${clipped(name, 28)}</b> looks like ${near}</li>`];
  });
  const rest = rows.slice(largestList);
  return html`<div><ul class="near">${rows.slice(0, largestList)}</ul>${rest.length > 0 && more(`${fixed(rest.length, 0)} more classes`, html`<ul class="near">${rest}</ul>`)}</div>`;
}

const nameOf = (names: readonly string[], k: number): string => names[k] ?? String(k);

const percent = (share: number): string => `${fixed(share * 100, 1)} %`;
