import type { HistoryRow, RunRecord } from '../../run/record.ts';
import { fixed } from '../format.ts';
import { html } from '../html.ts';
import { table } from '../parts.ts';
import type { Section } from '../section.ts';

type Measured = HistoryRow & { readonly gradients: NonNullable<HistoryRow['gradients']> };

export const pull: Section = {
  id: 'pull',
  name: 'Pull',
  title: 'What pulled how hard',
  render: ({ history }: RunRecord) => {
    const rows = history.filter((row): row is Measured => row.role === 'distilled' && row.gradients !== undefined);
    if (rows.length === 0) return null;
    const epochs = [...new Set(rows.map((row) => row.epoch))].sort((a, b) => a - b);
    const shown =
      epochs.length <= 6 ? epochs : epochs.filter((_, i) => i % Math.ceil(epochs.length / 6) === 0 || i === epochs.length - 1);
    const terms = [...new Set(rows.flatMap((row) => Object.keys(row.gradients)))];
    const share = (term: string, epoch: number): string => {
      const of = rows
        .filter((row) => row.epoch === epoch && Object.hasOwn(row.gradients, term))
        .map((row) => row.gradients[term]!);
      return of.length === 0 ? '–' : `${fixed((100 * of.reduce((a, b) => a + b, 0)) / of.length, 1)} %`;
    };
    const head = html`<tr><th scope="col">Loss</th>${shown.map((epoch) => html`<th scope="col">epoch ${epoch}</th>`)}</tr>`;
    const body = html`<tbody>${terms.map(
      (term) => html`<tr><th scope="row">${term}</th>${shown.map((epoch) => html`<td>${share(term, epoch)}</td>`)}</tr>`,
    )}</tbody>`;
    return html`<p>Part of each loss, with its weight, in the gradient of the student's parameters (L2 norms), on one batch after the epoch, mean over seeds. A loss near 0 % is not learnt from; one near 100 % drowns the others.</p>${table('Part of each loss in the gradient', head, body)}`;
  },
};
