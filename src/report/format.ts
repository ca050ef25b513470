const unknown = 'n/a';

/** Digits after the point that show a value of this size with about four significant ones. */
export function decimalsFor(value: number): number {
  const size = Math.abs(value);
  if (!Number.isFinite(size) || size >= 1000) return 0;
  if (size >= 100) return 1;
  if (size >= 10) return 2;
  return size >= 1 || size === 0 ? 3 : Math.min(6, 3 - Math.floor(Math.log10(size)));
}

/** A number with thousands separators and a true minus sign; `n/a` where it is not finite. */
export function fixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return unknown;
  const text = Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** As `fixed`, with a sign before positive numbers too. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

const raised: Readonly<Record<string, string>> = {
  '-': '⁻',
  0: '⁰',
  1: '¹',
  2: '²',
  3: '³',
  4: '⁴',
  5: '⁵',
  6: '⁶',
  7: '⁷',
  8: '⁸',
  9: '⁹',
};

const thousands = ['', ' k', ' M', ' G', ' T', ' P'];

/** Three significant digits and a decimal prefix: `78.0 k`, `41.2 M`. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return unknown;
  const power = Math.min(thousands.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(value))) / 3)));
  const scaled = value / 1000 ** power;
  const decimals =
    power === 0 && Number.isInteger(value) ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.max(1, Math.abs(scaled)))));
  return fixed(scaled, decimals) + thousands[power];
}

/** Bytes in decimal units: `312 kB`. */
export function bytes(value: number): string {
  const text = short(value);
  if (text === unknown) return unknown;
  return /[kMGTP]$/.test(text) ? `${text}B` : `${text} B`;
}

/** Milliseconds with three significant digits, in µs or s where those read better. */
export function milliseconds(value: number): string {
  if (!Number.isFinite(value)) return unknown;
  if (value !== 0 && Math.abs(value) < 0.1) return `${significant(value * 1000)} µs`;
  return Math.abs(value) >= 10_000 ? `${significant(value / 1000)} s` : `${significant(value)} ms`;
}

/** Seconds as people say them: `8.4 s`, `12 min 5 s`, `2 h 14 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return unknown;
  if (seconds < 60) return `${significant(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${fixed(Math.floor(whole / 3600), 0)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `2.4 × 10⁻⁶`, with two significant digits. */
export function scientific(value: number): string {
  if (!Number.isFinite(value) || value === 0) return fixed(value, 0);
  const [digits, power] = value.toExponential(1).split('e');
  return `${digits!.replace('-', '−')} × 10${[...power!.replace('+', '')].map((digit) => raised[digit]).join('')}`;
}

/** How many times `a` is `b`, without false precision: `11×`, `3.4×`. */
export function times(ratio: number): string {
  if (!Number.isFinite(ratio)) return unknown;
  return ratio >= 1000 ? `${short(ratio)}×` : `${fixed(ratio, ratio >= 10 ? 0 : ratio >= 1.995 ? 1 : 2)}×`;
}

/** One line of at most `length` characters; what is too long loses its middle, since names often differ at the end. */
export function clipped(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const characters = [...line];
  if (characters.length <= length) return line;
  const tail = Math.floor(length / 3);
  return `${characters.slice(0, length - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
}

/** `1 seed`, `3 seeds`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${fixed(count, 0)} ${count === 1 ? noun : plural}`;
}

function significant(value: number): string {
  const size = Math.floor(Math.log10(Math.max(1e-9, Math.abs(value))));
  return fixed(value, value === 0 ? 0 : Math.min(6, Math.max(0, 2 - size)));
}
