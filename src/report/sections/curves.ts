import type { HistoryRow, Results, RunRecord } from '../../run/record.ts';
import { curvesChart, type Kept } from '../charts/curves.ts';
import { fixed } from '../format.ts';
import { html, type Markup, trusted } from '../html.ts';
import { metricOf } from '../metrics.ts';
import { chart, more } from '../parts.ts';
import { distilled, roleOf, rolesIn, roleTag, scratch } from '../roles.ts';
import type { Section } from '../section.ts';
import { type Curve, curvesOf, type Pick, pointsPerLine } from '../series.ts';

export const curves: Section = {
  id: 'curves',
  name: 'Curves',
  title: 'How they learnt',
  render: ({ results, history }: RunRecord) => {
    const own = history.filter(({ role }) => role !== 'teacher');
    const taught = history.filter(({ role }) => role === 'teacher');
    const lines =
      quantities(history, results).length * new Set(history.map(({ role, seed, split }) => `${role} ${seed} ${split}`)).size;
    const limit = pointsPerLine(lines);
    const charts = chartsOf(own, results, limit);
    if (charts.length === 0) return null;
    const teacherCharts = chartsOf(taught, results, limit);
    return html`${legend(own, results)}<div class="charts">${charts}</div>${
      teacherCharts.length > 0 && more('How the teacher learnt', html`<div class="charts">${teacherCharts}</div>`)
    }`;
  },
};

interface Quantity {
  readonly title: string;
  readonly pick: Pick;
  readonly headline: boolean;
  /** Losses fall by orders of magnitude. */
  readonly wide: boolean;
}

function quantities(rows: readonly HistoryRow[], results: Results): readonly Quantity[] {
  const { headline } = results;
  const names = (of: (row: HistoryRow) => object | undefined): string[] => [
    ...new Set(rows.flatMap((row) => Object.keys(of(row) ?? {}))),
  ];
  const metrics = names((row) => row.metrics).sort((a, b) => Number(b === headline.name) - Number(a === headline.name));
  return [
    ...metrics.map((name) => {
      const { axis, scaled } = metricOf(results, name);
      const pick = (row: HistoryRow): number | undefined => {
        const value = entry(row.metrics, name);
        return value === undefined ? undefined : scaled(value);
      };
      return { title: axis, pick, headline: name === headline.name, wide: false };
    }),
    { title: 'Loss, total', pick: (row) => present(row.total), headline: false, wide: true },
    ...names((row) => row.losses).map((name) => ({
      title: `Loss: ${name}`,
      pick: (row: HistoryRow) => entry(row.losses, name),
      headline: false,
      wide: true,
    })),
    ...names((row) => row.shows).map((name) => ({
      title: name,
      pick: (row: HistoryRow) => entry(row.shows, name),
      headline: false,
      wide: false,
    })),
    { title: 'Learning rate', pick: (row) => present(row.learningRate), headline: false, wide: false },
  ];
}

function entry(values: HistoryRow['metrics'], name: string): number | undefined {
  return values !== undefined && Object.hasOwn(values, name) ? present(values[name]) : undefined;
}

// JSON has no NaN: a measurement that was not finite comes back as null.
function present(value: number | null | undefined): number | undefined {
  return value === null ? Number.NaN : value;
}

function chartsOf(rows: readonly HistoryRow[], results: Results, limit: number): readonly Markup[] {
  return quantities(rows, results).flatMap(({ title, pick, headline, wide }) => {
    const lines = curvesOf(rows, pick, limit);
    if (!lines.some(({ seeds }) => seeds.some(({ points }) => points.some(({ y }) => Number.isFinite(y))))) return [];
    const says = `${title} by epoch. ${lines.map(described).join('; ')}`;
    const broken = lines.reduce((sum, { notFinite }) => sum + notFinite, 0);
    const note = broken > 0 ? `${fixed(broken, 0)} measurements were not finite numbers and are missing here.` : null;
    return [chart(title, curvesChart({ says, curves: lines, wide, kept: headline ? kept(lines, results) : [] }), note)];
  });
}

function described({ role, split, mean, seeds }: Curve): string {
  const ends = mean.filter(({ y }) => Number.isFinite(y));
  const range = ends.length > 0 ? ` from ${fixed(ends[0]!.y, 3)} to ${fixed(ends.at(-1)!.y, 3)}` : '';
  return `${role}, ${split}, mean of ${seeds.length}${range}`;
}

function kept(lines: readonly Curve[], results: Results): readonly Kept[] {
  const validation = lines.filter(({ split }) => split === 'validation');
  return validation.flatMap(({ role, seeds }) =>
    seeds.flatMap(({ seed, points }) => {
      const epoch = roleOf(role).side(results)?.bestEpoch?.[results.seeds.indexOf(seed)];
      if (epoch === undefined) return [];
      const nearest = points.reduce((best, point) => (Math.abs(point.x - epoch) < Math.abs(best.x - epoch) ? point : best));
      return Number.isFinite(nearest.y) && Math.abs(nearest.x - epoch) < 0.5 ? [{ role, point: nearest }] : [];
    }),
  );
}

function sample(dash: string, width: number, opacity: number): Markup {
  return trusted(
    `<svg class="sample" viewBox="0 0 28 10" aria-hidden="true"><path d="M0,5h28" fill="none" stroke="currentColor" stroke-width="${width}" stroke-opacity="${opacity}"${dash}/></svg>`,
  );
}

function legend(rows: readonly HistoryRow[], results: Results): Markup {
  const splits = new Set(rows.map(({ split }) => split));
  const several = new Set(rows.map(({ seed }) => seed)).size > 1;
  const trained = rolesIn(results).filter((role) => role === scratch || role === distilled);
  const entries = [
    ...trained.map(roleTag),
    splits.has('validation') && html`${sample('', 2.25, 1)}validation`,
    splits.has('train') && html`${sample(' stroke-dasharray="5,3"', 2.25, 1)}training`,
    several && html`${sample('', 1, 0.5)}one seed`,
    trained.some((role) => role.side(results)!.bestEpoch !== null) &&
      html`${trusted('<svg class="sample" viewBox="0 0 28 10" aria-hidden="true"><circle cx="14" cy="5" r="4" fill="none" stroke="currentColor" stroke-width="1.25"/></svg>')}checkpoint kept`,
  ];
  return html`<ul class="legend">${entries.filter((entry) => entry !== false).map((entry) => html`<li>${entry}</li>`)}</ul>`;
}
