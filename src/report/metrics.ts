import { factsOf } from '../run/known-metrics.ts';
import type { Results, Side, Spread } from '../run/record.ts';
import { decimalsFor, fixed, signed } from './format.ts';
import { html, type Markup } from './html.ts';

/** A metric of a run and how its numbers are written: with the same digits in every place. */
export interface Metric {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  /** null: not known, so the report does not say which side is better. */
  readonly higherIsBetter: boolean | null;
  /** The label with its unit. */
  readonly axis: string;
  /** The value on the scale that is shown: percent for shares. */
  readonly scaled: (value: number) => number;
  /** `91.20 %` or `0.2831`. */
  readonly text: (value: number) => string;
  /** `+2.13 points` or `−0.0513`. */
  readonly change: (value: number) => string;
  /** `± 0.14`, or null where there is nothing to say: one seed, or the same value for all. */
  readonly margin: (value: Spread) => string | null;
}

/** A metric of this run; what the run says about its headline goes before what the report knows. */
export function metricOf(results: Results, name: string): Metric {
  const { label, hint, higherIsBetter, share } = factsOf(name);
  const means = sidesOf(results).map((side) => Math.abs(measured(side, name)?.mean ?? 0));
  const decimals = share ? 2 : decimalsFor(Math.min(...means.filter((mean) => mean > 0)));
  // JSON turns what is not finite into null, and null times 100 is 0.
  const scaled = (value: number): number => (Number.isFinite(value) ? value * (share ? 100 : 1) : Number.NaN);
  return {
    name,
    label,
    hint,
    higherIsBetter: name === results.headline.name ? results.headline.higherIsBetter : higherIsBetter,
    axis: share ? `${label}, %` : label,
    scaled,
    text: (value) => fixed(scaled(value), decimals) + (share && Number.isFinite(value) ? ' %' : ''),
    change: (value) => signed(scaled(value), decimals) + (share ? ' points' : ''),
    margin: ({ spread, perSeed }) =>
      spread === null || (perSeed.length > 0 && perSeed.every((value) => value === perSeed[0]))
        ? null
        : `± ${fixed(scaled(spread), decimals)}`,
  };
}

/** A side's measurement of a metric; undefined where it has none, whatever the metric is called. */
export function measured(side: Side | null, name: string): Spread | undefined {
  return side !== null && Object.hasOwn(side.metrics, name) ? side.metrics[name] : undefined;
}

/** Metric names of all sides, the headline first, then in the order in which they were recorded. */
export function metricNames(results: Results): readonly string[] {
  return [...new Set([results.headline.name, ...sidesOf(results).flatMap((side) => Object.keys(side.metrics))])];
}

/** `91.20 % ± 0.14` in one line of text. */
export function spelled(metric: Metric, value: Spread): string {
  return [metric.text(value.mean), metric.margin(value)].filter((part) => part !== null).join(' ');
}

/** The number, and its spread in a quieter voice. */
export function quantified(text: string, margin: string | null): Markup {
  return html`${text}${margin !== null && html` <span class="margin">${margin}</span>`}`;
}

function sidesOf({ distilled, scratch, teacher }: Results): readonly Side[] {
  return [distilled, scratch, teacher].filter((side) => side !== null);
}

/** What people call a metric; its own name where it is not known. */
export const labelOf = (name: string): string => factsOf(name).label;
