import type { RunRecord } from '../../run/record.ts';
import { html } from '../html.ts';
import type { Section } from '../section.ts';

export const notes: Section = {
  id: 'notes',
  name: 'Notes',
  title: 'Notes',
  render: ({ details }: RunRecord) =>
    details.notes.length === 0 ? null : html`<ul class="notes">${details.notes.map((note) => html`<li>${note}</li>`)}</ul>`,
};
