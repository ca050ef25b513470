import { expect, it } from 'vitest';
import {
  bytes,
  clipped,
  counted,
  decimalsFor,
  duration,
  fixed,
  milliseconds,
  scientific,
  short,
  signed,
  times,
} from '../../src/report/format.ts';
import { escapeHtml, html, trusted } from '../../src/report/html.ts';

it.each([
  [fixed(1234.5, 1), '1,234.5'],
  [fixed(-0.004, 2), '0.00'],
  [fixed(-1.5, 1), '−1.5'],
  [fixed(Number.NaN, 1), 'n/a'],
  [signed(0.02, 2), '+0.02'],
  [signed(0.0001, 2), '0.00'],
  [short(78_042), '78.0 k'],
  [short(999), '999'],
  [short(41_219_000), '41.2 M'],
  [short(0), '0'],
  [bytes(2_204), '2.20 kB'],
  [bytes(12), '12 B'],
  [milliseconds(0.0123), '12.3 µs'],
  [milliseconds(1.337), '1.34 ms'],
  [milliseconds(12_345), '12.3 s'],
  [duration(8.44), '8.44 s'],
  [duration(725), '12 min 5 s'],
  [duration(8_040), '2 h 14 min'],
  [times(11.4), '11×'],
  [times(3.44), '3.4×'],
  [times(1.25), '1.25×'],
  [times(143_122), '143 k×'],
  [scientific(2.4e-6), '2.4 × 10⁻⁶'],
  [scientific(0), '0'],
  [clipped('a  long\nname', 40), 'a long name'],
  [clipped('class number 19', 9), 'class… 19'],
  [counted(1, 'class', 'classes'), '1 class'],
  [counted(3, 'seed'), '3 seeds'],
])('%s', (written, expected) => {
  expect(written).toBe(expected);
});

it.each([
  [12_345, 0],
  [123, 1],
  [12.3, 2],
  [1.23, 3],
  [0.123, 4],
  [0.0123, 5],
  [0, 3],
  [Number.POSITIVE_INFINITY, 0],
])('%s has %i decimals', (value, decimals) => {
  expect(decimalsFor(value)).toBe(decimals);
});

it('escapes what goes into a page, and only once', () => {
  expect(escapeHtml(`<b a="1" c='2'>&`)).toBe('&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;');
  expect(escapeHtml('a\u0000b\ud800c\u202ed\n')).toBe('a\ufffdb\ufffdc\ufffdd\n');
  const inner = html`<i>${'<'}</i>`;
  expect(html`${[inner, trusted('<br>'), 1, null, false, undefined, ['&']]}`.markup).toBe('<i>&lt;</i><br>1&amp;');
});
