import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { sizeOf } from '../../graph/type.ts';
import type { Trains } from '../../models/layers.ts';
import { sigmoid } from '../../ops/elementwise.ts';
import { reshape } from '../../ops/shape.ts';
import { SynthesisError } from '../error.ts';
import type { Host } from '../host.ts';
import { batchShape, continuous, inUnits } from '../units.ts';
import { batchStandardised } from './batch-norm.ts';
import { convolutional } from './convolutional.ts';
import { perceptron } from './perceptron.ts';

/** Options of a network that makes examples of codes. */
export const networkOptions = {
  architecture: z
    .enum(['convolutional', 'mlp'])
    .optional()
    .describe('convolutional for pictures and mlp for vectors unless told'),
  latent: z.int().min(1).default(100).describe('Numbers in a code'),
  channels: z.int().min(1).default(16).describe('Of a convolutional network: maps of the last doubling, twice as many before it'),
  width: z.int().min(1).default(256).describe('Of an mlp: units of its two hidden layers'),
  end: z
    .enum(['sigmoid', 'standardised'])
    .optional()
    .describe(
      'sigmoid gives numbers in 0…1 and is usual for pictures; standardised gives each batch the mean and the deviation of the data, by channel or number, and is usual for vectors',
    ),
};

interface NetworkOptions {
  readonly architecture?: 'convolutional' | 'mlp' | undefined;
  readonly latent: number;
  readonly channels: number;
  readonly width: number;
  readonly end?: 'sigmoid' | 'standardised' | undefined;
}

const usual = {
  image: { architecture: 'convolutional', end: 'sigmoid' },
  vector: { architecture: 'mlp', end: 'standardised' },
} as const;

interface Task {
  readonly ctx: Trains;
  readonly codes: Value;
  readonly host: Host;
  readonly options: NetworkOptions;
  /** Whether the last layer has a bias. */
  readonly bias: boolean;
}

const architectures: Readonly<Record<'convolutional' | 'mlp', (task: Task) => Value>> = {
  convolutional({ ctx, codes, host, options: { channels }, bias }) {
    const example = continuous(host);
    if (example.layout === 'image') return convolutional(ctx, codes, example.shape, { channels, bias });
    throw new SynthesisError(
      'inputs.architecture: found convolutional for vectors; expected mlp, the only one that makes them; leave it out',
    );
  },
  mlp: ({ ctx, codes, host, options: { width }, bias }) =>
    reshape(perceptron(ctx, codes, sizeOf(continuous(host).shape), { width, bias }), batchShape(host)),
};

/** From [B, C, …] to examples, and whether a bias before it has an effect. */
const ends: Readonly<
  Record<'sigmoid' | 'standardised', { readonly bias: boolean; readonly of: (x: Value, host: Host) => Value }>
> = {
  sigmoid: {
    bias: true,
    of(x, host) {
      if (host.example.layout === 'image') return sigmoid(x);
      throw new SynthesisError(
        'inputs.end: found sigmoid for vectors, whose numbers are not within 0…1; expected standardised; leave it out',
      );
    },
  },
  standardised: { bias: false, of: (x, host) => inUnits(batchStandardised(x), host) },
};

/**
 * Examples [B, …example] out of codes [B, D].
 *
 * @param ctx Where its weights come from.
 * @throws SynthesisError where the options do not fit the data.
 */
export function network(options: NetworkOptions, host: Host, ctx: Trains, codes: Value): Value {
  const { architecture, end } = usual[continuous(host).layout];
  const { bias, of } = ends[options.end ?? end];
  return of(architectures[options.architecture ?? architecture]({ ctx, codes, host, options, bias }), host);
}
