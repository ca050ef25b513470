import type { Cell, Unit } from '../../programs/record.ts';
import { bytes, decimalsFor, duration, fixed, short, times } from '../format.ts';

/** How the numbers of a unit are written, their spread with the same digits. */
interface Writing {
  text(value: number): string;
  margin(spread: number, of: number): string;
  /** From a value to the scale of an axis. */
  readonly factor: number;
  readonly suffix: string;
  /** A place on that scale. */
  tick(shown: number): string;
}

const plain = (write: (value: number) => string): Writing => ({ text: write, margin: write, tick: write, factor: 1, suffix: '' });
const bare = (shown: number): string => String(Number(shown.toPrecision(4)));

const writings: Readonly<Record<Unit, Writing>> = {
  percent: { text: (v) => `${fixed(100 * v, 2)} %`, margin: (s) => fixed(100 * s, 2), factor: 100, suffix: ', %', tick: bare },
  points: {
    text: (v) => `${v > 0 ? '+' : ''}${fixed(100 * v, 2)}`,
    margin: (s) => fixed(100 * s, 2),
    factor: 100,
    suffix: ', points',
    tick: bare,
  },
  count: plain(short),
  bytes: plain(bytes),
  number: {
    text: (v) => (Number.isInteger(v) ? fixed(v, 0) : fixed(v, decimalsFor(v))),
    margin: (s, of) => fixed(s, decimalsFor(of)),
    factor: 1,
    suffix: '',
    tick: bare,
  },
  times: plain(times),
  seconds: plain(duration),
};

/** A number, a number ± its spread, words, or a dash. */
export function cellText(cell: Cell, unit: Unit): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  const { text, margin } = writings[unit];
  if (typeof cell === 'number') return text(cell);
  return cell.spread === null ? text(cell.mean) : `${text(cell.mean)} ± ${margin(cell.spread, cell.mean)}`;
}

/** What an axis shows of a unit. */
export const axisOf = (unit: Unit): Pick<Writing, 'factor' | 'suffix' | 'tick'> => writings[unit];
/** A number of a unit by itself. */
export const numberText = (value: number, unit: Unit): string => writings[unit].text(value);
