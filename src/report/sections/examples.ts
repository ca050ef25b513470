import type { Example, Prediction, Results, RunRecord } from '../../run/record.ts';
import { clipped, counted, decimalsFor, fixed } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { more } from '../parts.ts';
import { roleMark, roles } from '../roles.ts';
import type { Section } from '../section.ts';

const shownFirst = 12;
const columnsShown = 8;
const pictureUri = /^data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+=*$/;

export const examples: Section = {
  id: 'examples',
  name: 'Examples',
  title: 'Where they differ',
  render: ({ results, details }: RunRecord) => {
    const cards = details.examples.map((example) => card(example, results.task));
    if (cards.length === 0) return null;
    const rest = cards.slice(shownFirst);
    return html`<p>Test examples on which the models disagree, the most telling first. First seed.</p><div class="examples">${cards.slice(0, shownFirst)}</div>${
      rest.length > 0 && more(counted(rest.length, 'more example'), html`<div class="examples">${rest}</div>`)
    }`;
  },
};

interface Judged {
  readonly className: 'hit' | 'miss' | '';
  readonly text: string;
}

const judges: Readonly<Record<Results['task'], (prediction: Prediction, truth: string) => Judged>> = {
  classification: ({ label, probability }, truth) => {
    const sure = probability === null ? '' : `${fixed(probability * 100, 0)} % `;
    return label === truth ? { className: 'hit', text: `${sure}✓` } : { className: 'miss', text: `${sure}✗` };
  },
  regression: ({ label }, truth) => {
    const error = Number(label) - Number(truth);
    return { className: '', text: Number.isFinite(error) ? `off by ${fixed(Math.abs(error), decimalsFor(Number(truth)))}` : '' };
  },
};

function card(example: Example, task: Results['task']): Markup {
  const lines = roles.flatMap((role) => {
    const prediction = role.prediction(example);
    if (prediction === null) return [];
    const { className, text } = judges[task](prediction, example.label);
    const name = html`<th scope="row"><span class="role">${roleMark(role)}${role.label}</span></th>`;
    return [
      html`<tr>${name}<td title="${prediction.label}">${clipped(prediction.label, 18)}</td><td class="${className}">${text}</td></tr>`,
    ];
  });
  return html`<article><header>${picture(example)}<h3>${clipped(example.label, 40)}<small>the truth, example ${example.index}</small></h3></header>${row(example)}<table><tbody>${lines}</tbody></table></article>`;
}

function picture({ picture: source, label, index }: Example): Markup | null {
  if (source === null || !pictureUri.test(source)) return null;
  return html`<img src="${source}" alt="test example ${index}: ${clipped(label, 40)}">`;
}

function row({ row: values }: Example): Markup | null {
  if (values === null) return null;
  const entries = Object.entries(values);
  const left = entries.length - columnsShown;
  const pairs = entries
    .slice(0, columnsShown)
    .map(([name, value]) => html`<div><dt>${clipped(name, 24)}</dt><dd>${clipped(plain(value), 60)}</dd></div>`);
  return html`<dl>${pairs}</dl>${left > 0 && html`<p class="note">and ${counted(left, 'more column')}</p>`}`;
}

// Seven digits are what a float32 holds; the rest is noise of the conversion.
function plain(value: string | number): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(7))) : value;
}
