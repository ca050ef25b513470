import { type Confusion, confusionLevels } from '../confusion.ts';
import { escapeHtml, type Markup, trusted } from '../html.ts';
import type { RoleStyle } from '../roles.ts';

/** A confusion matrix too large for numbers: one pixel a cell, cells of one shade in one path so that the page stays small. */
export function confusionMap(role: RoleStyle, confusion: Confusion): Markup {
  const size = confusion.cells.length;
  const paths = new Map<string, string>();
  for (const [i, row] of confusion.cells.entries()) {
    for (const [j, { level, right }] of row.entries()) {
      if (level === 0) continue;
      const shade = `${right ? 'right' : 'wrong'} l${level}`;
      paths.set(shade, `${paths.get(shade) ?? ''}M${j},${i}h1v1h-1z`);
    }
  }
  const shades = [...paths].sort(([a], [b]) => (a < b ? -1 : 1)).map(([shade, d]) => `<path class="${shade}" d="${d}"/>`);
  const says = `${role.label}: confusion of ${size} classes in ${confusionLevels} shades; the table beside it names the largest mistakes`;
  return trusted(
    `<svg class="map" role="img" aria-label="${escapeHtml(says)}" viewBox="-0.5 -0.5 ${size + 1} ${size + 1}" style="--role:${role.colour}" shape-rendering="crispEdges"><rect class="frame" width="${size}" height="${size}"/>${shades.join('')}</svg>`,
  );
}
