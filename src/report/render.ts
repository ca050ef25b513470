import type { RunRecord } from '../run/record.ts';
import { html, type Markup, trusted } from './html.ts';
import type { Section } from './section.ts';
import { calibration } from './sections/calibration.ts';
import { classes } from './sections/classes.ts';
import { confusion } from './sections/confusion.ts';
import { controls } from './sections/controls.ts';
import { cost } from './sections/cost.ts';
import { curves } from './sections/curves.ts';
import { environment } from './sections/environment.ts';
import { examples } from './sections/examples.ts';
import { notes } from './sections/notes.ts';
import { reproduce } from './sections/reproduce.ts';
import { student } from './sections/student.ts';
import { renderVerdict } from './sections/verdict.ts';
import { style } from './style.ts';

const sections: readonly Section[] = [
  controls,
  notes,
  curves,
  classes,
  confusion,
  calibration,
  cost,
  examples,
  student,
  environment,
  reproduce,
];

// Nothing may be fetched or executed, whatever a class name or a recipe contains.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The report of a run as one HTML file without scripts and without a network; the same record gives the same bytes. */
export function renderReport(record: RunRecord): string {
  const shown = sections.flatMap((section) => {
    const content = section.render(record);
    return content === null ? [] : [{ section, content }];
  });
  const { name, potstill, verdict } = record.results;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${verdict.sentence}">
<link rel="icon" href="data:,">
<title>${name} · Potstill report</title>
<style>${trusted(style)}</style>
</head>
<body>
<nav aria-label="Sections"><div><a class="brand" href="#top">${still}Potstill</a>${shown.map(({ section }) => html`<a href="#${section.id}">${section.name}</a>`)}</div></nav>
<main id="top">
${renderVerdict(record)}
${shown.map(({ section: { id, title }, content }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>\n`)}
</main>
<footer>Made by Potstill ${potstill}. This file is complete in itself: it loads nothing and runs no scripts.</footer>
</body>
</html>
`;
  return page.markup;
}

const still: Markup = trusted(
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 3.5h4.2c3.6 0 5.3 2.2 5.3 5.5v9.5" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/><path d="M7.6 3h2.8l.5 6.4c2.5 1 4.1 3.2 4.1 5.7C15 18.7 12.4 21 9 21s-6-2.3-6-5.9c0-2.5 1.6-4.7 4.1-5.7z" fill="currentColor"/></svg>',
);
