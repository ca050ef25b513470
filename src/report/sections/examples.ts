import type { Example, Prediction, Results, RunRecord } from '../../run/record.ts';
import { clipped, counted, decimalsFor, fixed } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { more } from '../parts.ts';
import { picture, row } from '../pictured.ts';
import { roleMark, roles } from '../roles.ts';
import type { Section } from '../section.ts';

const shownFirst = 12;

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
  embedding: () => ({ className: '', text: '' }),
  'token-classification': ({ label }, truth) => {
    const [said, there] = [label.split(' '), truth.split(' ')];
    const wrong = there.filter((tag, i) => tag !== said[i]).length;
    return wrong === 0 ? { className: 'hit', text: '✓' } : { className: 'miss', text: `${counted(wrong, 'word')} ✗` };
  },
};

/** What the name of an example is, beside it. */
const truths: Readonly<Record<Results['task'], string>> = {
  classification: 'the truth',
  regression: 'the truth',
  embedding: 'to imitate',
  'token-classification': 'the truth',
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
  return html`<article><header>${picture(example.picture, `test example ${example.index}: ${clipped(example.label, 40)}`)}<h3>${clipped(example.label, 40)}<small>${truths[task]}, example ${example.index}</small></h3></header>${row(example.row)}<table><tbody>${lines}</tbody></table></article>`;
}
