import type { RunRecord } from '../../run/record.ts';
import { fixed } from '../format.ts';
import { html } from '../html.ts';
import { table } from '../parts.ts';
import type { Section } from '../section.ts';

export const disagreement: Section = {
  id: 'disagreement',
  name: 'Disagreement',
  title: 'Where the teachers disagree',
  render: ({ details }: RunRecord) => {
    const found = details.disagreement;
    if (!found) return null;
    const percent = (share: number | null): string => (share === null ? '–' : `${fixed(100 * share, 1)} %`);
    const head = html`<tr><th scope="col">Test examples</th><th scope="col">Mutual information</th><th scope="col">Teachers together</th><th scope="col">Distilled</th></tr>`;
    const names = ['most agreed on', 'second fifth', 'third fifth', 'fourth fifth', 'least agreed on'];
    const body = html`<tbody>${found.groups.map(
      (g, i) =>
        html`<tr><th scope="row">${fixed(g.examples, 0)}, ${names[i] ?? ''}</th><td>${g.uncertainty.toPrecision(3)} nats</td><td>${percent(g.teacher)}</td><td>${percent(g.distilled)}</td></tr>`,
    )}</tbody>`;
    return html`<p>The ${found.members} teachers name different classes for ${percent(found.pairwise)} of the examples, taken pair by pair. Their mutual information, ${found.uncertainty.toPrecision(3)} nats on average, is uncertainty that comes from the models rather than from the data. Where it tells hard examples from easy ones, accuracy falls from group to group.</p>${table('Accuracy by disagreement of the teachers', head, body)}`;
  },
};
