/** Percent of the colour in each shade of a confusion matrix; between 48 and 90 neither dark nor light text can be read. */
export const shadeShares: readonly number[] = [6, 14, 22, 30, 38, 48, 90, 100];

const shades = shadeShares.map(
  (share, i) => `.l${i + 1} { --share: ${share}%; --on: var(${share > 50 ? '--paper' : '--ink'}); }`,
);

/** Charts and confusion matrices. */
export const charts = `
.plot { display: block; width: 100%; height: auto; font-family: inherit; font-size: 12px; font-variant-numeric: tabular-nums; overflow: visible; }
.plot text { white-space: pre; }
.plot [aria-label$="tick label"], .plot [aria-label$="axis label"] { fill: var(--soft); }
.plot [aria-label$="axis tick"] { stroke: var(--line); }
.plot .name { font-size: 14px; font-weight: 650; }
.plot .value { font-weight: 600; }
.narrow { display: none; }
@media (max-width: 640px) { .wide { display: none; } .narrow { display: block; } }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr)); gap: 30px 28px; margin-top: 22px; }
.charts.two { grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); gap: 30px 48px; }
.charts .plot { max-width: 460px; }
.chart { margin: 0; min-width: 0; }
figcaption { font-size: 14px; font-weight: 600; margin: 0 0 8px; display: flex; justify-content: space-between; gap: 12px; flex-wrap: wrap; }
figcaption .value { font-weight: 400; color: var(--soft); }
figcaption .legend { margin: 0 0 6px; }
.confusion { display: flex; flex-wrap: wrap; gap: 28px 32px; align-items: flex-start; margin-top: 20px; }
.confusion .plain { font-size: 13px; }
.confusion .plain th, .confusion .plain td { padding: 6px 8px; }
.confusion .plain th:first-child { padding-left: 0; }
.confusion > * { min-width: 0; max-width: 100%; }
.matrix { font-size: 12px; }
.matrix td, .matrix th { padding: 0; }
.matrix td { width: 34px; min-width: 34px; height: 32px; text-align: center; vertical-align: middle; border: 1px solid var(--paper); background: var(--panel); }
.matrix thead td { background: none; }
.matrix tbody th { padding-right: 10px; text-align: right; vertical-align: middle; white-space: nowrap; }
.matrix thead th { border: 0; text-align: left; vertical-align: bottom; padding-bottom: 6px; font-weight: 400; }
.matrix thead span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; margin: 0 auto; display: block; }
.matrix .right { background: color-mix(in srgb, var(--role) var(--share), var(--panel)); color: var(--on); }
.matrix .wrong { background: color-mix(in srgb, var(--bad) var(--share), var(--panel)); color: var(--on); }
section > .confusion + .chart { margin-top: 34px; }
.near { list-style: none; margin: 0; padding: 0; font-size: 13px; max-width: 30em; }
.near li { padding: 6px 0; border-bottom: 1px solid var(--line); color: var(--soft); }
.near b { color: var(--ink); font-weight: 600; }
.map { width: min(100%, 400px); height: auto; }
.map .frame { fill: var(--panel); }
.map .right { fill: color-mix(in srgb, var(--role) var(--share), var(--panel)); }
.map .wrong { fill: color-mix(in srgb, var(--bad) var(--share), var(--panel)); }
${shades.join('\n')}`;
