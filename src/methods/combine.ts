import type { Value } from '../graph/graph.ts';
import { add, div, max, mul, stopGradient } from '../ops/elementwise.ts';
import { mean, sum } from '../ops/reduce.ts';
import type { Asked, Extras, LossValues, Needs, Offer, Outputs, Signals } from './define.ts';
import { type LossOptions, methodOf } from './index.ts';
import { type RepairOptions, repairOf } from './repairs/list.ts';
import { scheduled } from './schedules/list.ts';
import { weightingOf } from './weighting/list.ts';

/** What is minimised, as data. */
export interface ObjectiveOptions {
  readonly losses: readonly LossOptions[];
  /** Done to the teacher's logits before the losses see them, in this order. */
  readonly repairs?: readonly RepairOptions[];
}

export interface Term {
  /** Rank 0: the mean over the examples that count. */
  readonly value: Value;
  /** Rank 0: `value` times the weight of this step. */
  readonly weighted: Value;
}

export interface Objective {
  /** Rank 0: the weighted sum that is minimised. */
  readonly total: Value;
  /** By the names of `termNames`. */
  readonly terms: ReadonlyMap<string, Term>;
  /** Rank 0 each: what losses show beside their value, as `<term>.<name>`. */
  readonly shows: ReadonlyMap<string, Value>;
}

/** What the losses of a batch are made from. */
export interface Batch {
  readonly student: Outputs;
  readonly teacher: Outputs;
  readonly target: Value;
  readonly offer: Offer;
  /** What a term may make for itself, by its name. */
  readonly extras: (term: string) => Extras;
  /** [rows], 0 for rows of logits that never count, where there are more of them than examples. */
  readonly counted?: Value;
  /** Rank 0: a further factor of a term, where terms are balanced. */
  readonly factor?: (term: string) => Value;
}

/** A name for each loss: its kind, numbered from the second of a kind on (`kd`, `kd.2`). */
export function termNames(losses: readonly Pick<LossOptions, 'kind'>[]): readonly string[] {
  const seen = new Map<string, number>();
  return losses.map(({ kind }) => {
    const n = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, n);
    return n === 1 ? kind : `${kind}.${n}`;
  });
}

/** All that an objective taps, and what a teacher is asked for in order to have it. */
export interface ObjectiveNeeds extends Omit<Needs, 'digests'> {
  /** Each name once. */
  readonly asked: readonly Asked[];
}

export function needsOf({ losses, repairs = [] }: ObjectiveOptions, offer: Offer): ObjectiveNeeds {
  const each = losses.map((options) => {
    const own = methodOf(options).needs(options, offer);
    const weighed = options.examples.map(weightingOf);
    const logits = weighed.some((w) => w.teacher) ? ['logits'] : [];
    return {
      teacher: [...own.teacher, ...logits],
      asked: [...(own.digests ?? own.teacher), ...logits],
      student: own.student,
      labels: own.labels || weighed.some((w) => w.labels),
    };
  });
  const hears = each.some((n) => n.teacher.length > 0);
  const repaired = hears && repairs.length > 0 ? ['logits'] : [];
  const asked = [...each.flatMap((n) => n.asked), ...repaired];
  return {
    teacher: [...new Set([...each.flatMap((n) => n.teacher), ...repaired])],
    asked: [...new Map(asked.map((what) => [nameOf(what), what])).values()],
    student: [...new Set(each.flatMap((n) => n.student))],
    labels: each.some((n) => n.labels) || (hears && repairs.some((r) => repairOf(r).labels)),
  };
}

/** The name under which a teacher gives what it is asked for. */
export const nameOf = (asked: Asked): string => (typeof asked === 'string' ? asked : asked.name);

/** Mean over the examples that count; 0 where none does. */
const meanOf = (values: Value, valid: Value | undefined): Value =>
  valid ? div(sum(mul(values, valid)), max(sum(valid), 1)) : mean(values);

const both = (a: Value | undefined, b: Value | undefined): Value | undefined => (a && b ? mul(a, b) : (a ?? b));

/** The teacher's predictions: its own, and those of the members where it is several. */
const isPrediction = (tap: string): boolean => /^logits(\.\d+)?$/.test(tap);

/** The teacher after its repairs, and whom it may be asked about: that is decided by its own prediction, not by its members'. */
function repaired(batch: Batch, repairs: readonly RepairOptions[]): { readonly teacher: Outputs; readonly trusted?: Value } {
  if (repairs.length === 0 || !batch.teacher.has('logits')) return { teacher: batch.teacher };
  let trusted: Value | undefined;
  const teacher = new Map(
    [...batch.teacher].map(([tap, value]) => {
      if (!isPrediction(tap)) return [tap, value];
      const through = repairs.reduce((logits, options, i) => {
        const done = repairOf(options).apply(logits, { target: batch.target, extras: batch.extras(`repair.${i}`) }, options);
        if (tap === 'logits') trusted = both(trusted, done.trusted);
        return done.logits;
      }, value);
      return [tap, through];
    }),
  );
  return { teacher, ...(trusted && { trusted }) };
}

/** The values of a loss with each example as heavy as its rules say; the mean weight of the examples that count is 1. */
function weighed(
  { values, valid }: LossValues,
  signals: Signals,
  { examples }: LossOptions,
  extras: (rule: number) => Extras,
): Value {
  if (examples.length === 0) return values;
  const weights = examples
    .map((o, i) => weightingOf(o).weigh({ ...signals, extras: extras(i) }, stopGradient(values), o, valid))
    .reduce((a, b) => mul(a, b));
  const scale = max(meanOf(weights, valid), smallest);
  return mul(values, stopGradient(div(weights, scale)));
}
const smallest = 1e-12;

/** Adds losses up to what a training step minimises. */
export function combine(batch: Batch, { losses, repairs = [] }: ObjectiveOptions): Objective {
  const names = termNames(losses);
  const graph = batch.target.graph;
  const { teacher, trusted } = repaired(batch, repairs);
  const shows = new Map<string, Value>();
  const terms = new Map(
    losses.map((options, i) => {
      const name = names[i]!;
      const extras = batch.extras(name);
      const signals: Signals = { student: batch.student, teacher, target: batch.target, offer: batch.offer, extras };
      return graph.scoped(name, () => {
        const method = methodOf(options);
        const result = method.loss(signals, options);
        const hears = trusted && method.needs(options, batch.offer).teacher.length > 0;
        const rows = batch.counted?.shape[0] === result.values.shape[0] ? batch.counted : undefined;
        const valid = both(both(result.valid, hears ? trusted : undefined), rows);
        for (const [key, value] of Object.entries(result.shows ?? {})) shows.set(`${name}.${key}`, value);
        const value = meanOf(
          weighed({ values: result.values, ...(valid && { valid }) }, signals, options, (rule) =>
            batch.extras(`${name}.examples.${rule}`),
          ),
          valid,
        );
        const weighted = balanced(scaled(value, options.weight, extras), batch.factor?.(name));
        return [name, { value, weighted }] as const;
      });
    }),
  );
  const counted = [...terms.values()].filter((_, i) => losses[i]!.weight !== 0);
  const total =
    counted.length === 0 ? graph.scalar(0, batch.target.dtype) : counted.map((t) => t.weighted).reduce((a, b) => add(a, b));
  return { total, terms, shows };
}

function scaled(value: Value, weight: LossOptions['weight'], extras: Extras): Value {
  if (typeof weight === 'number') return weight === 1 ? value : mul(value, weight);
  return mul(
    value,
    extras.scalar('weight', (progress) => scheduled(weight, progress)),
  );
}

const balanced = (value: Value, factor: Value | undefined): Value => (factor ? mul(value, factor) : value);
