import type { Results, RunRecord, Verdict } from '../../run/record.ts';
import { headlineChart } from '../charts/headline.ts';
import { type CostQuantity, median, ratioText, size } from '../costs.ts';
import { counted, fixed } from '../format.ts';
import { html, type Markup, trusted } from '../html.ts';
import { measured, metricOf, quantified } from '../metrics.ts';
import { responsive } from '../plot.ts';
import { roleMark, rolesIn } from '../roles.ts';

const answers: Readonly<Record<Verdict['helped'], { readonly text: string; readonly icon: string }>> = {
  yes: { text: 'Helped', icon: 'M3.5,8.5l3,3l6,-7' },
  no: { text: 'Did not help', icon: 'M4,4l8,8M12,4l-8,8' },
  unclear: { text: 'Unclear', icon: 'M3,6h10M3,10h10' },
  'not-measured': { text: 'Not compared', icon: 'M4,8h8' },
};

/** The top of the page: the sentence, the picture that shows it, and the few numbers that matter. */
export function renderVerdict({ results }: RunRecord): Markup {
  const { verdict, name, data, seeds } = results;
  const { text, icon } = answers[verdict.helped];
  const parts = [name, data.name, counted(seeds.length, 'seed')];
  const about = parts.map((part, i) => html`${i > 0 && html` <span aria-hidden="true">·</span> `}${part}`);
  const legend = rolesIn(results).map((role) => html`<li>${roleMark(role)}<span><b>${role.label}</b> ${role.hint}</span></li>`);
  const several =
    seeds.length > 1 &&
    html`<p class="note">Small marks are seeds, large marks their mean, bands one standard deviation to each side.</p>`;
  return html`<header class="verdict">
<p class="kicker">${about}</p>
<p class="badge ${verdict.helped}">${trusted(`<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${icon}"/></svg>`)}${text}</p>
<h1>${unbroken(verdict.sentence)}</h1>
<div class="hero">${responsive((width) => headlineChart(results, width))}<ul class="legend">${legend}</ul>${several}</div>
<ul class="figures">${figures(results).map(({ value, words }) => html`<li><b>${value}</b><span>${words}</span></li>`)}</ul>
</header>`;
}

// A percent sign at the start of a line reads like a mistake.
function unbroken(sentence: string): readonly Markup[] {
  return sentence.split(/(\S+ %)/).map((part, i) => (i % 2 === 1 ? html`<span class="unbroken">${part}</span>` : html`${part}`));
}

interface Figure {
  readonly value: Markup;
  readonly words: string;
}

function figures(results: Results): readonly Figure[] {
  const { headline, distilled, verdict, gapRecovered } = results;
  const metric = metricOf(results, headline.name);
  const score = measured(distilled, headline.name);
  const percent = (value: number): string => fixed(value * 100, 0);
  const list: (Figure | null)[] = [
    score === undefined
      ? null
      : { value: quantified(metric.text(score.mean), metric.margin(score)), words: `${metric.label} of the distilled student` },
    verdict.difference && {
      value: quantified(metric.change(verdict.difference.mean), metric.margin(verdict.difference)),
      words: 'distilled − scratch',
    },
    gapRecovered && {
      value: quantified(
        `${percent(gapRecovered.mean)} %`,
        gapRecovered.spread === null ? null : `± ${percent(gapRecovered.spread)}`,
      ),
      words: 'of the gap to the teacher recovered',
    },
    against(results, size, 'than the teacher as a file', 'as a file'),
    against(results, median, 'than the teacher, one example at a time', 'for one example'),
  ];
  return list.filter((figure) => figure !== null);
}

function against({ teacher, distilled }: Results, quantity: CostQuantity, compared: string, alone: string): Figure | null {
  if (teacher === null) return { value: html`${quantity.text(quantity.value(distilled.cost))}`, words: alone };
  const ratio = ratioText(quantity, teacher.cost, distilled.cost);
  return ratio === null ? null : { value: html`${ratio}`, words: compared };
}
