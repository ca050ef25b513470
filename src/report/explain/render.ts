import type { Explanation } from '../../explain/knowledge.ts';
import { difficultyChart } from '../charts/difficulty.ts';
import { entropyChart } from '../charts/entropy.ts';
import { reliabilityChart } from '../charts/reliability.ts';
import { softnessChart } from '../charts/softness.ts';
import { counted, fixed } from '../format.ts';
import { html, type Markup } from '../html.ts';
import { renderPage } from '../page.ts';
import { chart } from '../parts.ts';
import { responsive } from '../plot.ts';
import { teacher } from '../roles.ts';
import { adviceLimits, adviceWords, rangeWords, softnessWords } from './advice.ts';
import { renderCards } from './cards.ts';
import { neighboursWords, renderNeighbours } from './neighbours.ts';

/** A part of the page; null content leaves it out. */
interface Chapter {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly content: (explanation: Explanation) => Markup | null;
}

const percent = (share: number, decimals = 1): string => `${fixed(share * 100, decimals)} %`;

const chapters: readonly Chapter[] = [
  {
    id: 'temperature',
    name: 'Temperature',
    title: 'Where to start',
    content: ({ knowledge: { advice } }) =>
      html`<p>${adviceWords(advice)} Worth trying: ${rangeWords(advice)}, softness ${percent(advice.rule.from, 0)} to ${percent(advice.rule.to, 0)}.</p>${chart(
        'Softness of the targets by temperature, %',
        responsive((width) => softnessChart(advice, width)),
      )}<p class="note">${softnessWords} ${adviceLimits}</p>`,
  },
  {
    id: 'neighbours',
    name: 'Neighbours',
    title: 'What looks like what',
    content: ({ knowledge, classes }) =>
      html`<p>${neighboursWords(knowledge.neighbours)}</p>${renderNeighbours(knowledge.neighbours, classes)}`,
  },
  {
    id: 'entropy',
    name: 'Entropy',
    title: 'How soft the targets are',
    content: ({ knowledge }) =>
      html`<p>Examples by the entropy of their soft targets at several temperatures: near 0 % a target says no more than a label, near 100 % it says that every class is alike. Upright lines are means; every row has a scale of its own.</p>${responsive((width) => entropyChart(knowledge.entropy, width))}`,
  },
  {
    id: 'difficulty',
    name: 'Difficulty',
    title: 'From easy to hard',
    content: ({ knowledge }) =>
      html`<p>Confidence is the probability that the teacher gives the label, or its own prediction where there is no label. A curriculum starts with the confident examples: <code>curriculum</code> in explain.json lists all of them in that order.</p>${responsive((width) => difficultyChart(knowledge.difficulty, width))}`,
  },
  {
    id: 'hardest',
    name: 'Hardest',
    title: 'Hardest examples',
    content: ({ knowledge, split }) =>
      gallery(
        'The highest cross-entropy to the label first, without those that are possibly mislabelled.',
        renderCards(knowledge.hardest, split),
      ),
  },
  {
    id: 'ambiguous',
    name: 'Ambiguous',
    title: 'Most ambiguous examples',
    content: ({ knowledge, split }) =>
      gallery('The highest entropy first: the teacher cannot decide.', renderCards(knowledge.ambiguous, split)),
  },
  {
    id: 'mislabelled',
    name: 'Mislabelled',
    title: 'Possibly mislabelled examples',
    content: ({ knowledge, split }) =>
      gallery(
        `${counted(knowledge.suspects, 'example')} on which the teacher contradicts the label and is at least as sure as it usually is of that class, the clearest first. Look before you relabel: it may be the teacher that is wrong${split === 'train' ? ', and a teacher that was trained on these labels has learnt many of the wrong ones' : ''}.`,
        renderCards(knowledge.mislabelled, split),
      ),
  },
  {
    id: 'calibration',
    name: 'Calibration',
    title: 'Can its confidence be trusted?',
    content: ({ ece, reliability, split }) =>
      ece === null
        ? null
        : html`<p>How often it is right (up) when it is this confident (across); calibration error ${percent(ece, 2)} (ECE, 15 bins).${split === 'train' && ' On examples that it was trained on a teacher looks better than it is: --split test tells.'}</p><div class="charts">${chart('Teacher', reliabilityChart(teacher, reliability))}</div>`,
  },
];

const gallery = (words: string, cards: Markup | null): Markup | null => cards && html`<p>${words}</p>${cards}`;

/** What a teacher knows, as one HTML file without scripts and without a network; the same explanation gives the same bytes. */
export function renderExplanation(explanation: Explanation): string {
  return renderPage({
    title: `${explanation.teacher} explained · Potstill`,
    description: headline(explanation),
    header: header(explanation),
    parts: chapters.flatMap(({ content, ...chapter }) => {
      const shown = content(explanation);
      return shown === null ? [] : [{ ...chapter, content: shown }];
    }),
    madeBy: explanation.potstill,
  });
}

function headline({ teacher: name, accuracy, split, knowledge: { advice, examples } }: Explanation): string {
  const right = accuracy === null ? `${name}` : `${name} is right on ${percent(accuracy)}`;
  const asked = accuracy === null ? `asked about ${counted(examples, 'example')}` : `of ${counted(examples, `${split} example`)}`;
  return `${right} ${asked}. Start distilling at T = ${advice.start}.`;
}

function header(explanation: Explanation): Markup {
  const { name, data, split, size, accuracy, knowledge } = explanation;
  const { examples, entropy, advice, suspects, difficulty, labelled } = knowledge;
  const asked =
    examples < size ? `${fixed(examples, 0)} of ${fixed(size, 0)} ${split} examples` : `${counted(size, `${split} example`)}`;
  const easy = difficulty.slice(0, 2).reduce((sum, { count }) => sum + count, 0) / Math.max(1, examples);
  const figures = [
    { value: `T = ${advice.start}`, words: `to start from; worth trying: ${rangeWords(advice)}` },
    ...(accuracy === null ? [] : [{ value: percent(accuracy, 2), words: 'accuracy of the teacher' }]),
    { value: percent(entropy[0]?.mean ?? 0), words: 'mean entropy at T = 1, of the largest possible' },
    { value: percent(easy), words: 'easy: confidence above 90 %' },
    ...(labelled === 0 ? [] : [{ value: fixed(suspects, 0), words: 'possibly mislabelled' }]),
  ];
  const about = [name, data, asked].map((part, i) => html`${i > 0 && html` <span aria-hidden="true">·</span> `}${part}`);
  return html`<header class="verdict">
<p class="kicker">${about}</p>
<h1>${headline(explanation)}</h1>
<ul class="figures">${figures.map(({ value, words }) => html`<li><b>${value}</b><span>${words}</span></li>`)}</ul>
</header>`;
}
