import * as Plot from '@observablehq/plot';
import type { DifficultyBand } from '../../explain/knowledge.ts';
import { fixed } from '../format.ts';
import type { Markup } from '../html.ts';
import { draw } from '../plot.ts';
import { teacher } from '../roles.ts';

/** How many examples are how easy, a bar each. */
export function difficultyChart(bands: readonly DifficultyBand[], width: number): Markup {
  const total = Math.max(
    1,
    bands.reduce((sum, { count }) => sum + count, 0),
  );
  const phone = width < 600;
  const share = ({ count }: DifficultyBand): number => count / total;
  const y = (_: DifficultyBand, i: number): number => i;
  const text = (band: DifficultyBand): string =>
    phone ? `${fixed(share(band) * 100, 1)} %` : `${fixed(share(band) * 100, 1)} %, ${fixed(band.count, 0)} examples`;
  return draw({
    says: `Examples by difficulty: ${bands.map((band) => `${band.name} ${text(band)}`).join(', ')}`,
    width,
    height: bands.length * 34 + 4,
    marginTop: 0,
    marginBottom: 0,
    marginLeft: phone ? 76 : 230,
    marginRight: phone ? 62 : 190,
    x: { domain: [0, Math.max(...bands.map(share), 1e-9)], axis: null },
    y: { type: 'linear', domain: [-0.5, bands.length - 0.5], reverse: true, axis: null },
    marks: [
      Plot.rect(bands, {
        x1: 0,
        x2: share,
        y1: (_: DifficultyBand, i: number) => i - 0.32,
        y2: (_: DifficultyBand, i: number) => i + 0.32,
        fill: teacher.colour,
        fillOpacity: 0.75,
      }),
      Plot.text(bands, {
        frameAnchor: 'left',
        y,
        text: (band: DifficultyBand) => (phone ? band.name : `${band.name}: ${confidenceWords(band)}`),
        dx: phone ? -74 : -228,
        textAnchor: 'start',
      }),
      Plot.text(bands, { frameAnchor: 'right', y, text, dx: phone ? 60 : 188, textAnchor: 'end', className: 'value' }),
    ],
  });
}

/** `confidence 90 to 99 %`. */
const confidenceWords = ({ from, to }: DifficultyBand): string => {
  const percent = (share: number): string => fixed(share * 100, 0);
  if (to === 1) return `confidence above ${percent(from)} %`;
  return from === 0 ? `confidence up to ${percent(to)} %` : `confidence ${percent(from)} to ${percent(to)} %`;
};
