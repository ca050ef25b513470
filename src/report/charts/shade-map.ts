import { escapeHtml, type Markup, trusted } from '../html.ts';

/** A cell of a matrix that is shaded: `shade` is its class in the style of the page, null leaves it blank. */
export interface ShadedCell {
  readonly shade: string | null;
}

/** A matrix too large for numbers: one pixel a cell, cells of one shade in one path so that the page stays small. */
export function shadeMap(says: string, colour: string, cells: readonly (readonly ShadedCell[])[]): Markup {
  const size = cells.length;
  const paths = new Map<string, string>();
  for (const [i, row] of cells.entries()) {
    for (const [j, { shade }] of row.entries()) {
      if (shade !== null) paths.set(shade, `${paths.get(shade) ?? ''}M${j},${i}h1v1h-1z`);
    }
  }
  const shades = [...paths].sort(([a], [b]) => (a < b ? -1 : 1)).map(([shade, d]) => `<path class="${shade}" d="${d}"/>`);
  return trusted(
    `<svg class="map" role="img" aria-label="${escapeHtml(says)}" viewBox="-0.5 -0.5 ${size + 1} ${size + 1}" style="--role:${colour}" shape-rendering="crispEdges"><rect class="frame" width="${size}" height="${size}"/>${shades.join('')}</svg>`,
  );
}
