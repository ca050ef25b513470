import { z } from 'zod';
import type { Value } from '../graph/graph.ts';
import { accumulate } from './accumulate.ts';
import { adam, adamw } from './adam.ts';
import { clipByNorm, clipByValue } from './clip.ts';
import { averageWeights } from './ema.ts';
import { assignGroups, groupSchema, partition } from './groups.ts';
import { lion } from './lion.ts';
import { maxNorm } from './max-norm.ts';
import { pullToStart } from './prox.ts';
import type { Rate } from './rate.ts';
import { scheduleFactor, scheduleSchema } from './schedules.ts';
import { sgd } from './sgd.ts';
import { chain, type Transform } from './transform.ts';

/** What every optimizer offers around its own rule. */
const common = {
  weightDecay: z.number().min(0).default(0).describe('Pull of the weights towards zero'),
  schedule: scheduleSchema.prefault({ kind: 'cosine' }).describe('The learning rate over time'),
  clipNorm: z.number().positive().optional().describe('Largest L2 norm of all gradients together'),
  clipValue: z.number().positive().optional().describe('Largest size of one element of a gradient'),
  maxNorm: z.number().positive().optional().describe('Largest L2 norm of the incoming weights of a unit'),
  ema: z
    .strictObject({ decay: z.number().min(0).lt(1).default(0.999), warmup: z.boolean().default(true) })
    .optional()
    .describe('Evaluate and export a moving average of the weights'),
  prox: z
    .strictObject({ weight: z.number().min(0).describe('μ of μ/2·‖W − W₀‖²') })
    .optional()
    .describe('Pull of the weights towards those that training began with (FedProx); not in the losses that are shown'),
  accumulate: z.int().min(1).default(1).describe('Batches per update'),
  groups: z.array(groupSchema).default([]).describe('What is different for some parameters; the first group that fits counts'),
};

const rate = (usual: number) => z.number().positive().default(usual).describe('Learning rate');
const beta = (usual: number) => z.number().min(0).lt(1).default(usual);

/** A rule of update: options, words for people, and the transform. */
interface OptimizerEntry<S extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  readonly summary: string;
  readonly paper: string;
  readonly options: S;
  readonly rule: (options: z.infer<S>, rate: Rate) => Transform;
}
const optimizer = <S extends z.ZodObject>(entry: OptimizerEntry<S>): OptimizerEntry<S> => entry;

const sgdEntry = optimizer({
  kind: 'sgd',
  summary: 'Gradient descent with momentum.',
  paper: 'https://proceedings.mlr.press/v28/sutskever13.html',
  options: z.strictObject({
    kind: z.literal('sgd'),
    learningRate: rate(0.05),
    momentum: beta(0.9),
    nesterov: z.boolean().default(false),
    dampening: z.number().min(0).max(1).default(0).describe('New gradients enter the momentum with one minus this'),
    ...common,
  }),
  rule: (options, at) => sgd({ ...options, rate: at }),
});

const moments = { beta1: beta(0.9), beta2: beta(0.999), epsilon: z.number().positive().default(1e-8) };

const adamEntry = optimizer({
  kind: 'adam',
  summary: 'Steps scaled by running first and second moments of the gradient.',
  paper: 'https://arxiv.org/abs/1412.6980',
  options: z.strictObject({ kind: z.literal('adam'), learningRate: rate(1e-3), ...moments, ...common }),
  rule: (options, at) => adam({ ...options, rate: at }),
});

const adamwEntry = optimizer({
  kind: 'adamw',
  summary: 'Adam with weight decay kept out of the moments.',
  paper: 'https://arxiv.org/abs/1711.05101',
  options: z.strictObject({
    kind: z.literal('adamw'),
    learningRate: rate(1e-3),
    ...moments,
    ...common,
    weightDecay: common.weightDecay.unwrap().default(0.01),
  }),
  rule: (options, at) => adamw({ ...options, rate: at }),
});

const lionEntry = optimizer({
  kind: 'lion',
  summary: 'Steps of one size along the sign of the momentum.',
  paper: 'https://arxiv.org/abs/2302.06675',
  options: z.strictObject({ kind: z.literal('lion'), learningRate: rate(1e-4), beta1: beta(0.9), beta2: beta(0.99), ...common }),
  rule: (options, at) => lion({ ...options, rate: at }),
});

/** Every optimizer that a recipe can name. */
export const optimizers = [sgdEntry, adamEntry, adamwEntry, lionEntry] as const;

export const optimizerSchema = z.discriminatedUnion('kind', [
  sgdEntry.options,
  adamEntry.options,
  adamwEntry.options,
  lionEntry.options,
]);
export type OptimizerOptions = z.infer<typeof optimizerSchema>;

export interface Optimizer {
  readonly transform: Transform;
  /** The learning rate in a step of the training graph (from 0), group factors apart. */
  readonly learningRate: Rate;
  /** Parameters that are never updated: no gradient is needed for them. */
  readonly frozen: ReadonlySet<string>;
}

/**
 * The transform that options ask for: accumulation around the proximal term, clipping, the rule of each group, the norm constraint and averaging.
 *
 * @param names All trainable parameters.
 * @param steps How often the training graph will run.
 * @param count Rank 0: examples that count in a step; only used where gradients are accumulated.
 * @throws OptimError if the pattern of a group fits no parameter.
 */
export function createOptimizer(options: OptimizerOptions, names: readonly string[], steps: number, count?: Value): Optimizer {
  const updates = Math.max(1, Math.floor(steps / options.accumulate));
  const base: Rate = (update) => options.learningRate * scheduleFactor(options.schedule, update, updates);
  const entry = optimizers.find(({ kind }) => kind === options.kind) as unknown as OptimizerEntry;
  const assigned = assignGroups(options.groups, names);
  const frozen = new Set([...assigned].flatMap(([name, index]) => (options.groups[index]!.frozen ? [name] : [])));
  const rules = options.groups.map(({ learningRate, weightDecay = options.weightDecay }) =>
    entry.rule({ ...options, weightDecay }, (update) => learningRate * base(update)),
  );
  const inner = chain(
    (gradients) => new Map([...gradients].filter(([name]) => !frozen.has(name))),
    ...(options.prox === undefined ? [] : [pullToStart(options.prox.weight)]),
    ...(options.clipValue === undefined ? [] : [clipByValue(options.clipValue)]),
    ...(options.clipNorm === undefined ? [] : [clipByNorm(options.clipNorm)]),
    partition(assigned, rules, entry.rule(options, base)),
    ...(options.maxNorm === undefined ? [] : [maxNorm(options.maxNorm)]),
    ...(options.ema === undefined ? [] : [averageWeights(options.ema)]),
  );
  return {
    transform: accumulate(options.accumulate, inner, count),
    learningRate: (step) => base(Math.floor(step / options.accumulate)),
    frozen,
  };
}
