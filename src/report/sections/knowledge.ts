import type { RunRecord } from '../../run/record.ts';
import { entropyChart } from '../charts/entropy.ts';
import { adviceWords } from '../explain/advice.ts';
import { renderCards } from '../explain/cards.ts';
import { neighboursWords, renderNeighbours } from '../explain/neighbours.ts';
import { fixed } from '../format.ts';
import { html } from '../html.ts';
import { chart, more } from '../parts.ts';
import { responsive } from '../plot.ts';
import type { Section } from '../section.ts';

export const knowledge: Section = {
  id: 'knowledge',
  name: 'Knowledge',
  title: 'What the teacher knows',
  render: ({ results, details }: RunRecord) => {
    const known = details.knowledge;
    const names = results.data.classes;
    if (known === undefined || names === null) return null;
    const { hardest, ambiguous, mislabelled, suspects } = known;
    const lists = [
      { title: 'The hardest test examples for the teacher', examples: hardest },
      { title: 'The most ambiguous', examples: ambiguous },
      { title: `${fixed(mislabelled.length, 0)} of ${fixed(suspects, 0)} possibly mislabelled`, examples: mislabelled },
    ].filter(({ examples }) => examples.length > 0);
    return html`<p>${neighboursWords(known.neighbours)} From the test set.</p>${renderNeighbours(known.neighbours, names)}${chart(
      'How soft the targets are',
      responsive((width) => entropyChart(known.entropy, width)),
      `Examples by the entropy of their soft targets. By softness: ${adviceWords(known.advice)}`,
    )}${lists.map(({ title, examples }) => more(title, renderCards(examples, 'test')))}`;
  },
};
