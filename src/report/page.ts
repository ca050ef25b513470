import { html, type Markup, trusted } from './html.ts';
import { style } from './style.ts';

// Nothing may be fetched or executed, whatever a class name or a recipe contains.
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export interface Page {
  readonly title: string;
  readonly description: string;
  /** Stands before the sections. */
  readonly header: Markup;
  readonly parts: readonly Part[];
  /** Version of Potstill. */
  readonly madeBy: string;
}

export interface Part {
  /** Anchor within the page. */
  readonly id: string;
  /** One word for the navigation. */
  readonly name: string;
  readonly title: string;
  readonly content: Markup;
}

/** One HTML file without scripts and without a network. */
export function renderPage({ title, description, header, parts, madeBy }: Page): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${description}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<nav aria-label="Sections"><div><a class="brand" href="#top">${still}Potstill</a>${parts.map(({ id, name }) => html`<a href="#${id}">${name}</a>`)}</div></nav>
<main id="top">
${header}
${parts.map(({ id, title: heading, content }) => html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${heading}</h2>${content}</section>\n`)}
</main>
<footer>Made by Potstill ${madeBy}. This file is complete in itself: it loads nothing and runs no scripts.</footer>
</body>
</html>
`;
  return page.markup;
}

const still: Markup = trusted(
  '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 3.5h4.2c3.6 0 5.3 2.2 5.3 5.5v9.5" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/><path d="M7.6 3h2.8l.5 6.4c2.5 1 4.1 3.2 4.1 5.7C15 18.7 12.4 21 9 21s-6-2.3-6-5.9c0-2.5 1.6-4.7 4.1-5.7z" fill="currentColor"/></svg>',
);
