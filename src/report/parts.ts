import { type Child, html, type Markup } from './html.ts';

/** A table in a container of its own that scrolls where the screen is narrow; `label` says what it holds. */
export function table(label: string, head: Child, body: Child, className = ''): Markup {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table class="${className}"><thead>${head}</thead>${body}</table></div>`;
}

/** Pairs of a term and what it is. */
export function facts(pairs: readonly (readonly [term: string, value: Child])[]): Markup {
  return html`<dl class="facts">${pairs.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A chart under its title. */
export function chart(title: Child, content: Child, note: Child = null): Markup {
  return html`<figure class="chart"><figcaption>${title}</figcaption>${content}${note !== null && html`<p class="note">${note}</p>`}</figure>`;
}

/** Something that opens on demand. */
export function more(summary: Child, content: Child): Markup {
  return html`<details><summary>${summary}</summary>${content}</details>`;
}

export interface Panel {
  readonly tab: Child;
  readonly content: Child;
}

/** Panels of which one shows at a time: radio buttons and CSS, no script. `name` must be unique on the page. */
export function switched(name: string, legend: string, panels: readonly Panel[]): Markup {
  if (panels.length === 1) return html`${panels[0]!.content}`;
  const tabs = panels.map(
    ({ tab }, i) =>
      html`<input type="radio" name="${name}" id="${name}-${i}"${i === 0 && html` checked`}><label for="${name}-${i}">${tab}</label>`,
  );
  return html`<div class="switch" role="group" aria-label="${legend}">${tabs}${panels.map(({ content }) => html`<div class="panel">${content}</div>`)}</div>`;
}
