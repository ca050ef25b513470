import { describe, expect, it } from 'vitest';
import { shadeShares } from '../../src/report/style/charts.ts';
import { theme } from '../../src/report/style/theme.ts';

type Colour = readonly [red: number, green: number, blue: number];

const [light, dark] = theme.split('@media').map(coloursOf);

describe.each([
  ['light', light!],
  ['dark', dark!],
])('colours, %s', (_, colours) => {
  const colour = (name: string): Colour => colours.get(name)!;

  it.each(['ink', 'soft', 'teacher', 'scratch', 'distilled', 'good', 'bad'])('%s can be read on paper and panels', (name) => {
    expect(contrast(colour(name), colour('paper'))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour(name), colour('panel'))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['teacher', 'scratch', 'distilled', 'bad'])('numbers can be read on every shade of %s', (name) => {
    for (const share of shadeShares) {
      const shade = mix(colour(name), colour('panel'), share / 100);
      expect(contrast(colour(share > 50 ? 'paper' : 'ink'), shade), `${share} %`).toBeGreaterThanOrEqual(4.5);
    }
  });
});

function coloursOf(css: string): Map<string, Colour> {
  const found = [...css.matchAll(/--(\w+): #(\w\w)(\w\w)(\w\w);/g)];
  return new Map(
    found.map(([, name, ...parts]) => [name!, parts.map((part) => Number.parseInt(part, 16)) as unknown as Colour] as const),
  );
}

function mix(a: Colour, b: Colour, share: number): Colour {
  return [0, 1, 2].map((i) => a[i]! * share + b[i]! * (1 - share)) as unknown as Colour;
}

// WCAG 2.2, relative luminance and contrast ratio.
function contrast(a: Colour, b: Colour): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

function luminance(colour: Colour): number {
  const [r, g, b] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
