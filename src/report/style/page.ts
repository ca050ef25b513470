/** Page frame, typography and the verdict at the top. */
export const page = `
*, *::before, *::after { box-sizing: border-box; }
html { scroll-padding-top: 64px; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 400 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main, nav > div, footer { max-width: 1000px; margin: 0 auto; padding: 0 20px; }
nav { position: sticky; top: 0; z-index: 2; background: color-mix(in srgb, var(--paper) 90%, transparent); backdrop-filter: blur(10px); border-bottom: 1px solid var(--line); }
nav > div { display: flex; gap: 17px; overflow-x: auto; scrollbar-width: none; white-space: nowrap; font-size: 14px; }
nav a { padding: 13px 0; color: var(--soft); text-decoration: none; }
nav a:hover { color: var(--ink); }
nav .brand { display: inline-flex; align-items: center; gap: 7px; color: var(--ink); font-weight: 650; margin-right: 6px; }
.brand svg { width: 19px; height: 19px; color: var(--distilled); }
a { color: var(--distilled); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible, pre:focus-visible { outline: 2px solid var(--distilled); outline-offset: 2px; border-radius: 4px; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; letter-spacing: -0.015em; margin: 0; }
h1 { font-size: clamp(1.3rem, 1rem + 1.4vw, 1.8rem); font-weight: 680; max-width: 32em; line-height: 1.25; }
h2 { font-size: 1.45rem; font-weight: 660; }
section { padding: 52px 0 0; }
section > h3 { font-size: 1.05rem; margin: 34px 0 6px; }
section > .chart { margin: 26px 0 0; }
section > p { max-width: 44em; color: var(--soft); margin: 8px 0 20px; }
small { display: block; font-size: 12px; line-height: 1.35; font-weight: 400; color: var(--soft); }
.note { font-size: 13px; color: var(--soft); margin: 10px 0 0; }
footer { padding: 56px 20px 40px; color: var(--soft); font-size: 13px; }
.verdict { padding-top: 44px; }
.verdict .more { max-width: 46em; margin: 12px 0 0; }
.kicker { margin: 0 0 14px; font-size: 14px; color: var(--soft); }
.badge { display: inline-flex; align-items: center; gap: 7px; margin: 0 0 14px; padding: 4px 13px 4px 9px; border-radius: 99px; border: 1px solid currentColor; font-size: 14px; font-weight: 600; }
.badge svg { width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.badge.yes { color: var(--good); }
.badge.no { color: var(--bad); }
.badge.unclear, .badge.not-measured { color: var(--soft); }
.hero { margin: 30px 0 0; padding: 26px 24px 22px; background: var(--panel); border-radius: var(--radius); }
.figures { list-style: none; display: flex; flex-wrap: wrap; gap: 22px 24px; margin: 28px 0 0; padding: 0; }
.unbroken { white-space: nowrap; }
.figures li { flex: 1 1 150px; }
.figures b { display: block; font-size: 1.25rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.015em; }
.figures .margin { font-size: 0.85rem; white-space: nowrap; }
.figures li > span { display: block; margin-top: 4px; font-size: 13px; line-height: 1.4; color: var(--soft); }
@media (min-width: 641px) { .figures b { white-space: nowrap; } }
@media (max-width: 640px) {
  main, nav > div, footer { padding-left: 16px; padding-right: 16px; }
  .verdict { padding-top: 28px; }
  .hero { margin-left: -16px; margin-right: -16px; padding: 20px 16px; border-radius: 0; }
  .figures { display: grid; grid-template-columns: 1fr 1fr; gap: 20px; }
  section { padding-top: 44px; }
}
@media print {
  nav, .button { display: none; }
  body { font-size: 11pt; }
  section, figure, tr, article { break-inside: avoid; }
  section { padding-top: 28px; }
  .scroll { overflow: visible; }
}`;
