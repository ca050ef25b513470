import { z } from 'zod';

/** Shares of the whole training, 0 to 1: a schedule does not change when the training gets longer. */
const share = z.number().min(0).max(1);

/** A shape of the learning rate over time. */
interface Schedule<S extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  /** One sentence: what the rate does. */
  readonly summary: string;
  readonly options: S;
  /** Factor on the learning rate in update `step` (from 0) of `total`. */
  readonly factor: (step: number, total: number, options: z.infer<S>) => number;
}

const schedule = <S extends z.ZodObject>(entry: Schedule<S>): Schedule<S> => entry;

const rise = {
  warmup: share.default(0).describe('Share of the training in which the rate rises in a line to its full size'),
  warmupFrom: z.number().min(0).default(0).describe('Factor with which the rise begins'),
};

/** A schedule after a linear rise; its own time begins when the rise has ended. */
const warmed =
  <O extends { readonly warmup: number; readonly warmupFrom: number }>(
    after: (step: number, total: number, options: O) => number,
  ) =>
  (step: number, total: number, options: O): number => {
    const steps = Math.round(options.warmup * total);
    if (step < steps) return options.warmupFrom + ((1 - options.warmupFrom) * step) / steps;
    return after(step - steps, total - steps, options);
  };

/** 0 at the beginning, 1 at the end. */
const progress = (step: number, total: number): number => (total <= 0 ? 1 : Math.min(step / total, 1));
/** From `a` to `b` along half a cosine, respectively a line. */
const halfCosine = (a: number, b: number, p: number): number => b + ((a - b) * (1 + Math.cos(Math.PI * p))) / 2;
const line = (a: number, b: number, p: number): number => a + (b - a) * p;

const constant = schedule({
  kind: 'constant',
  summary: 'The same rate in every step.',
  options: z.strictObject({ kind: z.literal('constant'), ...rise }),
  factor: warmed(() => 1),
});

const gamma = z.number().positive().max(1).default(0.1).describe('Factor at each drop');

const step = schedule({
  kind: 'step',
  summary: 'Drops by a factor at regular intervals.',
  options: z.strictObject({
    kind: z.literal('step'),
    every: share
      .refine((s) => s > 0, 'must be above 0')
      .default(1 / 3)
      .describe('Interval, as a share of the training'),
    gamma,
    ...rise,
  }),
  factor: warmed((at, total, options) => options.gamma ** Math.floor(at / Math.max(1, Math.round(options.every * total)))),
});

const multiStep = schedule({
  kind: 'multi-step',
  summary: 'Drops by a factor at given moments.',
  options: z.strictObject({
    kind: z.literal('multi-step'),
    at: z.array(share).min(1).default([0.5, 0.75]).describe('Moments of the drops, as shares of the training'),
    gamma,
    ...rise,
  }),
  factor: warmed((at, total, options) => options.gamma ** options.at.filter((m) => at >= Math.round(m * total)).length),
});

const final = z.number().min(0).max(1).default(0).describe('Factor at the end');

/** Loshchilov and Hutter 2017 (arXiv 1608.03983) without restarts. */
const cosine = schedule({
  kind: 'cosine',
  summary: 'Falls along half a cosine.',
  options: z.strictObject({ kind: z.literal('cosine'), final, ...rise }),
  factor: warmed((at, total, options) => halfCosine(1, options.final, progress(at, total))),
});

const linear = schedule({
  kind: 'linear',
  summary: 'Falls in a line.',
  options: z.strictObject({ kind: z.literal('linear'), final, ...rise }),
  factor: warmed((at, total, options) => line(1, options.final, progress(at, total))),
});

/** Smith and Topin 2019 (arXiv 1708.07120), with the phase ends of PyTorch's OneCycleLR; momentum is not cycled. */
const oneCycle = schedule({
  kind: 'one-cycle',
  summary: 'Rises from a small rate to the full one, then falls to almost nothing.',
  options: z.strictObject({
    kind: z.literal('one-cycle'),
    peak: share.default(0.3).describe('Moment of the full rate, as a share of the training'),
    divide: z.number().min(1).default(25).describe('The first rate is the full rate divided by this'),
    finalDivide: z.number().min(1).default(1e4).describe('The last rate is the first rate divided by this'),
    shape: z.enum(['cosine', 'linear']).default('cosine'),
  }),
  factor: (at, total, { peak, divide, finalDivide, shape }) => {
    const between = shape === 'cosine' ? halfCosine : line;
    const top = peak * total - 1;
    const first = 1 / divide;
    if (at <= top) return between(first, 1, progress(at, top));
    return between(1, first / finalDivide, progress(at - top, total - 1 - top));
  },
});

/** Every schedule of the learning rate. */
export const schedules = [constant, step, multiStep, cosine, linear, oneCycle] as const;

export const scheduleSchema = z.discriminatedUnion('kind', [
  constant.options,
  step.options,
  multiStep.options,
  cosine.options,
  linear.options,
  oneCycle.options,
]);
export type ScheduleOptions = z.infer<typeof scheduleSchema>;

/** Factor on the learning rate in update `at` (from 0) of `total`. */
export function scheduleFactor(options: ScheduleOptions, at: number, total: number): number {
  const entry = schedules.find(({ kind }) => kind === options.kind) as unknown as Schedule;
  return entry.factor(at, total, options);
}
