import type { Cost, RunRecord } from '../../run/record.ts';
import { costChart } from '../charts/cost.ts';
import { type CostQuantity, macs, median, parameters, ratioText, size, slowest } from '../costs.ts';
import { counted, short } from '../format.ts';
import { html } from '../html.ts';
import { chart } from '../parts.ts';
import { distilled, teacher } from '../roles.ts';
import type { Section } from '../section.ts';

interface Bars {
  readonly title: string;
  readonly quantity: CostQuantity;
  readonly text: (cost: Cost) => string;
  readonly whisker: CostQuantity | null;
}

const charts: readonly Bars[] = [
  {
    title: 'Latency',
    quantity: median,
    text: (cost) => `${median.text(median.value(cost))}, 95 % within ${slowest.text(slowest.value(cost))}`,
    whisker: slowest,
  },
  { title: 'File size', quantity: size, text: (cost) => size.text(size.value(cost)), whisker: null },
  { title: 'Multiply–accumulates', quantity: macs, text: (cost) => short(cost.macs), whisker: null },
  { title: 'Parameters', quantity: parameters, text: (cost) => short(cost.parameters), whisker: null },
];

export const cost: Section = {
  id: 'cost',
  name: 'Cost',
  title: 'What it costs to run',
  render: ({ results }: RunRecord) => {
    const before = results.teacher;
    if (before === null) return null;
    const { onnxruntime, threads, provider } = results.environment;
    const drawn = charts.map(({ title, quantity, text, whisker }) => {
      const bars = [teacher, distilled].flatMap((role) => {
        const own = role.side(results)?.cost;
        return own === undefined
          ? []
          : [{ role, value: quantity.value(own), upTo: whisker?.value(own) ?? null, text: text(own) }];
      });
      const ratio = ratioText(quantity, before.cost, results.distilled.cost);
      return chart(html`${title}${ratio !== null && html`<span class="value">${ratio}</span>`}`, costChart(title, bars));
    });
    return html`<p>One example at a time in ONNX Runtime ${onnxruntime} (${provider}, ${counted(threads, 'thread')}). Latency bars are medians, whiskers the 95th percentile. The scratch student has the same shape, so the same cost.</p><div class="charts two">${drawn}</div>`;
  },
};
