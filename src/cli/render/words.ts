import { counted, duration, fixed, short } from '../../report/format.ts';
import type { RunEvent } from '../../run/events.ts';
import { isShare } from '../../run/known-metrics.ts';
import type { HistoryRow, Role } from '../../run/record.ts';

type Of<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** The parts that have something to say. */
export const joined = (parts: readonly string[], by: string): string => parts.filter(Boolean).join(by);

/** What the roles are called on the screen. */
export const roleName = (role: Role, seed: number): string => `${role}, seed ${seed}`;

export const startWords = ({ name, directory, resumed, data }: Of<'start'>): readonly string[] => [
  `${resumed ? 'Going on with' : 'Run'} '${name}' in ${directory}`,
  `${data.name}: ${fixed(data.train, 0)} examples to train on, ${fixed(data.validation, 0)} to validate, ${fixed(data.test, 0)} to test`,
];

export const jobWords = ({ role, seed, model, parameters, epochs, steps, from }: Of<'job'>): string =>
  `${roleName(role, seed)}: ${model}, ${counted(parameters, 'parameter')}, ${counted(epochs, 'epoch')} of ${counted(
    Math.round(steps / epochs),
    'step',
  )}${from > 0 ? `, going on at step ${fixed(from, 0)}` : ''}`;

export const trainedWords = ({ role, seed, bestEpoch, early }: Of<'trained'>, took: number, best: string): string =>
  `${roleName(role, seed)}: ${early ? 'stopped early' : 'done'} in ${duration(took)}, best epoch ${bestEpoch}${best && ` (${best})`}`;

/** The total first, then the terms by name, where they say more than the total. */
export function lossWords(total: number | undefined, losses: Readonly<Record<string, number>> = {}): string {
  const terms = Object.entries(losses);
  const parts = terms.length > 1 ? terms.map(([name, value]) => `${name} ${number(value)}`) : [];
  return [`loss ${total === undefined ? '–' : number(total)}`, ...parts].join(' ');
}

/** How hard each term pulled, where that was measured. */
export const pullWords = (gradients: HistoryRow['gradients']): string =>
  gradients
    ? `gradient ${Object.entries(gradients)
        .map(([term, share]) => `${term} ${fixed(100 * share, 0)} %`)
        .join(', ')}`
    : '';

const number = (value: number): string => (Math.abs(value) >= 100 ? value.toPrecision(4) : value.toFixed(3));

/** The metric that a validation row opens with: the one that models are chosen by. */
export function scoreWords(metrics: HistoryRow['metrics']): string {
  const [first] = Object.entries(metrics ?? {});
  return first ? `validation ${first[0]} ${metricWords(first[0], first[1])}` : '';
}

/** Shares as percentages. */
export const metricWords = (name: string, value: number): string =>
  isShare(name) ? `${fixed(100 * value, 2)} %` : value.toPrecision(4);

export const rateWords = (rate: number | undefined): string => (rate === undefined ? '' : `${short(rate)} examples/s`);

export const leftWords = (seconds: number | undefined): string => {
  if (seconds === undefined) return '';
  return `${seconds < 60 ? `${Math.ceil(seconds)} s` : duration(seconds)} left`;
};
