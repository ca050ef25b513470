import type { ReliabilityBin, RunRecord } from '../../run/record.ts';
import { reliabilityChart } from '../charts/reliability.ts';
import { fixed } from '../format.ts';
import { html } from '../html.ts';
import { measured, metricOf, spelled } from '../metrics.ts';
import { chart } from '../parts.ts';
import { roles, roleTag } from '../roles.ts';
import type { Section } from '../section.ts';

export const calibration: Section = {
  id: 'calibration',
  name: 'Calibration',
  title: 'Can its confidence be trusted?',
  render: ({ results, details }: RunRecord) => {
    const charts = roles.flatMap((role) => {
      const bins = role.behaviour(details)?.reliability ?? [];
      if (!bins.some(({ count }) => count > 0)) return [];
      const ece = measured(role.side(results), 'ece');
      const title = html`${roleTag(role)}${ece && html`<span class="value">ECE ${spelled(metricOf(results, 'ece'), ece)}</span>`}`;
      return [chart(title, reliabilityChart(role, bins), tendency(bins))];
    });
    if (charts.length === 0) return null;
    return html`<p>How often it is right (up) when it is this confident (across). On the dashed line confidence is honest; below it the model promises too much. The strip underneath shows where the examples are. Diagrams: first seed; ECE: all seeds.</p><div class="charts">${charts}</div>`;
  },
};

function tendency(bins: readonly ReliabilityBin[]): string {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const mean = (of: (bin: ReliabilityBin) => number): number =>
    (bins.reduce((sum, bin) => sum + of(bin) * bin.count, 0) / total) * 100;
  const [says, right] = [mean(({ confidence }) => confidence), mean(({ accuracy }) => accuracy)];
  const words = Math.abs(says - right) < 1 ? 'about right' : says > right ? 'overconfident' : 'underconfident';
  return `On average says ${fixed(says, 1)} %, is right ${fixed(right, 1)} %: ${words}.`;
}
