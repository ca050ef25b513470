import type { RunRecord } from '../../run/record.ts';
import { confusionMap } from '../charts/confusion-map.ts';
import { type Confusion, confusionOf } from '../confusion.ts';
import { clipped, fixed } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { switched, table } from '../parts.ts';
import { distilled, type RoleStyle, roleTag, scratch, teacher } from '../roles.ts';
import type { Section } from '../section.ts';

const largestTable = 20;
const largestMap = 250;
const mistakesShown = 12;

export const confusion: Section = {
  id: 'confusion',
  name: 'Confusion',
  title: 'What they mix up',
  render: ({ results, details }: RunRecord) => {
    const names = results.data.classes;
    if (names === null) return null;
    const models = [distilled, scratch, teacher].flatMap((role): readonly Model[] => {
      const matrix = role.behaviour(details)?.confusion ?? [];
      return matrix.length > 0 ? [{ role, found: confusionOf(matrix) }] : [];
    });
    if (models.length === 0) return null;
    const panels = models.map((model) => ({ tab: roleTag(model.role), content: panel(model, models, names) }));
    const reading =
      names.length > largestMap
        ? 'Too many classes for a matrix: the largest mistakes.'
        : 'Rows are what an example is, columns what the model says.';
    return html`<p>${reading} First seed.</p>${switched('confusion', 'Model whose confusion matrix is shown', panels)}`;
  },
};

interface Model {
  readonly role: RoleStyle;
  readonly found: Confusion;
}

function panel(model: Model, models: readonly Model[], names: readonly string[]): Markup {
  return html`<div class="confusion">${matrix(model, names)}${mistakes(model, models, names)}</div>`;
}

function matrix({ role, found }: Model, names: readonly string[]): Markup | null {
  if (found.cells.length > largestMap) return null;
  if (found.cells.length > largestTable) return confusionMap(role, found);
  const head = html`<tr><td></td>${found.cells.map((_, j) => html`<th scope="col"><span>${clipped(nameOf(names, j), 16)}</span></th>`)}</tr>`;
  const body = found.cells.map((row, i) => {
    const cells = row.map(({ count, share, right, level }) =>
      count === 0
        ? html`<td></td>`
        : html`<td class="${right ? 'right' : 'wrong'} l${level}" title="${fixed(share * 100, 1)} %">${count}</td>`,
    );
    return html`<tr><th scope="row">${clipped(nameOf(names, i), 16)}</th>${cells}</tr>`;
  });
  return html`<div style="--role:${role.colour}">${table(`Confusion matrix: ${role.label}`, head, html`<tbody>${body}</tbody>`, 'matrix')}</div>`;
}

function mistakes({ role, found }: Model, models: readonly Model[], names: readonly string[]): Markup {
  if (found.mistakes.length === 0) return html`<p>No mistakes.</p>`;
  const head = html`<tr><th scope="col">Frequent mistakes</th>${models.map((model) => html`<th scope="col">${roleTag(model.role)}</th>`)}</tr>`;
  const body = found.mistakes.slice(0, mistakesShown).map(({ from, to }) => {
    const counts = models.map(
      (model) => html`<td class="${model.role === role && 'own'}">${fixed(model.found.cells[from]?.[to]?.count ?? 0, 0)}</td>`,
    );
    return html`<tr><th scope="row">${clipped(nameOf(names, from), 28)} → ${clipped(nameOf(names, to), 28)}</th>${counts}</tr>`;
  });
  return table(`Most frequent mistakes: ${role.label}`, head, html`<tbody>${body}</tbody>`, 'plain');
}

function nameOf(names: readonly string[], index: number): string {
  return names[index] ?? String(index);
}
