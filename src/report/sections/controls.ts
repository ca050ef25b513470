import type { Results, RunRecord, Side } from '../../run/record.ts';
import { compareWithScratch, type Judgement } from '../compare.ts';
import { type CostQuantity, costQuantities, ratioText } from '../costs.ts';
import { duration, fixed } from '../format.ts';
import { type Child, html, type Markup } from '../html.ts';
import { type Metric, measured, metricNames, metricOf, quantified } from '../metrics.ts';
import { more, table } from '../parts.ts';
import { distilled, type RoleStyle, rolesIn, roleTag, scratch } from '../roles.ts';
import type { Section } from '../section.ts';

const judgements: Readonly<Record<Judgement, { readonly text: string; readonly winner: RoleStyle | null }>> = {
  better: { text: '▲ better', winner: distilled },
  worse: { text: '▼ worse', winner: scratch },
  unclear: { text: '≈ within the spread', winner: null },
  'one-seed': { text: '', winner: null },
  unknown: { text: '', winner: null },
};

export const controls: Section = {
  id: 'controls',
  name: 'Controls',
  title: 'Measured on the test set',
  render: ({ results }: RunRecord) => {
    const present = rolesIn(results);
    const compared = present.length > 1;
    const columns = present.length + 1;
    const heads = present.map((role) => html`<th scope="col">${roleTag(role)}<small>${role.side(results)!.model}</small></th>`);
    const head = html`<tr><th scope="col">${fixed(results.data.test, 0)} test examples</th>${heads}${compared && html`<th scope="col">Difference</th>`}</tr>`;
    const quality = [
      group('Quality', columns, compared && 'distilled − scratch'),
      metricNames(results).map((name) => metricRow(results, present, metricOf(results, name))),
      gapRow(results, present),
      epochRow(results, present),
    ];
    const cost = [
      group('Cost', columns, compared && 'against the teacher'),
      costQuantities.map((row) => costRow(results, present, row)),
      timeRow(results, present),
    ];
    const body = html`<tbody>${quality}</tbody><tbody>${cost}</tbody>`;
    return html`<p>${advice(results)}</p>${table('Teacher, scratch and distilled, measured', head, body, 'controls')}${bySeed(results)}`;
  },
};

/** Why there is no control, where there can be none. */
const without: Readonly<Partial<Record<Results['task'], string>>> = {
  embedding:
    'Without labels the teacher is all there is to learn from, so there is no control without it. The teacher compared with itself has 1.',
};

function advice({ task, scratch: control, teacher, seeds }: Results): Child {
  if (control === null) return without[task] ?? 'This run had no scratch control, so it cannot say whether distillation helped.';
  const fair =
    'Scratch is the same student on the same data, budget and seeds, but without the teacher. ↑ means that more is better, ↓ that less is.';
  const judged =
    seeds.length > 1
      ? ' ± is the standard deviation over seeds; bold is better than the other student by more than the larger of the two.'
      : ' One seed cannot tell luck from gain, so no winner is named.';
  return `${fair}${judged}${teacher === null ? ' The teacher was not measured.' : ''}`;
}

function group(title: string, columns: number, difference: string | false): Markup {
  return html`<tr class="group"><th scope="rowgroup" colspan="${columns}">${title}</th>${difference && html`<td>${difference}</td>`}</tr>`;
}

function lastCell(present: readonly RoleStyle[], content: Child): Markup | false {
  return present.length > 1 && html`<td>${content}</td>`;
}

function rowHead(label: Child, hint: string): Markup {
  return html`<th scope="row">${label}${hint !== '' && html`<small>${hint}</small>`}</th>`;
}

function direction({ higherIsBetter }: Metric): Markup | null {
  if (higherIsBetter === null) return null;
  const words = higherIsBetter ? 'higher is better' : 'lower is better';
  return html`<span class="direction" role="img" aria-label="${words}" title="${words}">${higherIsBetter ? '↑' : '↓'}</span>`;
}

function metricRow(results: Results, present: readonly RoleStyle[], metric: Metric): Markup {
  const comparison = compareWithScratch(results, metric);
  const { text, winner } = judgements[comparison?.judgement ?? 'unknown'];
  const cells = present.map((role) => {
    const value = measured(role.side(results), metric.name);
    const content = value === undefined ? '–' : quantified(metric.text(value.mean), metric.margin(value));
    return role === winner ? html`<td><strong>${content}</strong></td>` : html`<td>${content}</td>`;
  });
  const difference =
    comparison &&
    html`${quantified(metric.change(comparison.difference.mean), metric.margin(comparison.difference))}${text !== '' && html`<small class="${comparison.judgement}">${text}</small>`}`;
  const headline = metric.name === results.headline.name && html` class="headline"`;
  return html`<tr${headline}>${rowHead(html`${metric.label}&nbsp;${direction(metric)}`, metric.hint)}${cells}${lastCell(present, difference ?? '–')}</tr>`;
}

function gapRow({ gapRecovered, scratch: control, teacher }: Results, present: readonly RoleStyle[]): Markup | null {
  if (control === null || teacher === null) return null;
  const percent = (value: number): string => fixed(value * 100, 1);
  const text =
    gapRecovered &&
    quantified(`${percent(gapRecovered.mean)} %`, gapRecovered.spread === null ? null : `± ${percent(gapRecovered.spread)}`);
  const hint = gapRecovered === null ? 'there was no gap' : 'of teacher − scratch';
  const cells = present.map((role) => html`<td>${role === distilled ? (text ?? '–') : ''}</td>`);
  return html`<tr>${rowHead('Gap recovered', hint)}${cells}${lastCell(present, '')}</tr>`;
}

function epochRow(results: Results, present: readonly RoleStyle[]): Markup | null {
  const epochs = (side: Side | null): string => side?.bestEpoch?.join(', ') ?? '–';
  if (present.every((role) => role.side(results)!.bestEpoch === null)) return null;
  const cells = present.map((role) => html`<td>${epochs(role.side(results))}</td>`);
  return html`<tr>${rowHead('Epoch kept', 'best on validation, by seed')}${cells}${lastCell(present, '')}</tr>`;
}

function costRow(results: Results, present: readonly RoleStyle[], quantity: CostQuantity): Markup {
  const { teacher, distilled: student } = results;
  const cells = present.map((role) => html`<td>${quantity.text(quantity.value(role.side(results)!.cost))}</td>`);
  const ratio = teacher && ratioText(quantity, teacher.cost, student.cost);
  return html`<tr>${rowHead(quantity.label, quantity.hint)}${cells}${lastCell(present, ratio ?? '–')}</tr>`;
}

function timeRow(results: Results, present: readonly RoleStyle[]): Markup {
  const cells = present.map(({ role }) => html`<td>${results.seconds[role] > 0 ? duration(results.seconds[role]) : '–'}</td>`);
  return html`<tr>${rowHead('Training time', 'all seeds together')}${cells}${lastCell(present, '')}</tr>`;
}

function bySeed(results: Results): Markup | null {
  if (results.seeds.length < 2) return null;
  const columns = metricNames(results).flatMap((name) =>
    rolesIn(results).flatMap((role) => columnOf(results, role, metricOf(results, name))),
  );
  const heads = columns.map(({ metric, role }) => html`<th scope="col">${metric.label}<small>${roleTag(role)}</small></th>`);
  const body = results.seeds.map((seed, i) => {
    const cells = columns.map(({ metric, values }) => html`<td>${metric.text(values[i]!)}</td>`);
    return html`<tr><th scope="row">${seed}</th>${cells}</tr>`;
  });
  const head = html`<tr><th scope="col">Seed</th>${heads}</tr>`;
  return more('Every seed by itself', table('Metrics by seed', head, html`<tbody>${body}</tbody>`, 'plain'));
}

interface Column {
  readonly metric: Metric;
  readonly role: RoleStyle;
  readonly values: readonly number[];
}

function columnOf(results: Results, role: RoleStyle, metric: Metric): readonly Column[] {
  const values = measured(role.side(results), metric.name)?.perSeed ?? [];
  return values.length === results.seeds.length ? [{ metric, role, values }] : [];
}
