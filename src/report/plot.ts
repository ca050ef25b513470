import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { escapeHtml, html, type Markup, printable, trusted } from './html.ts';

export interface DrawOptions extends Omit<Plot.PlotOptions, 'document' | 'className' | 'style' | 'title' | 'caption'> {
  /** Read out in place of the picture. */
  readonly says: string;
}

/**
 * A plot as inline SVG that scales to its container. No clip paths may be used: Plot numbers them from a counter of the
 * process, and the same record would no longer give the same bytes.
 */
export function draw({ says, ...options }: DrawOptions): Markup {
  const { document } = parseHTML('<html><body></body></html>');
  const svg = Plot.plot({ ...options, document, className: 'plot' });
  for (const style of svg.querySelectorAll('style')) style.remove();
  const inside = printable(svg.innerHTML);
  const [width, height] = [options.width ?? 340, svg.getAttribute('height')];
  return trusted(
    `<svg class="plot" role="img" aria-label="${escapeHtml(says)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" text-anchor="middle" fill="currentColor">${inside}</svg>`,
  );
}

/** A chart drawn twice, for a screen and for a phone, of which the page shows the one that fits. */
export function responsive(chart: (width: number) => Markup): Markup {
  return html`<div class="wide">${chart(904)}</div><div class="narrow">${chart(328)}</div>`;
}
