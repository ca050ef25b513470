import type { ExampleType } from '../../src/data/dataset.ts';
import type { Value } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { reshape } from '../../src/ops/shape.ts';
import type { Host } from '../../src/synthesis/host.ts';
import { type PriorOptions, priorOf, priorSchema } from '../../src/synthesis/priors/list.ts';
import { type GoldenLoss, goldenLosses } from '../support/golden.ts';
import { picture, sceneOf, vector } from '../support/synthesis.ts';

interface Options {
  readonly statistics?: readonly { readonly mean: readonly number[]; readonly variance: readonly number[] }[];
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

const exampleOf = (shape: readonly number[]): ExampleType =>
  shape.length === 3 ? picture(...(shape as [number, number, number])) : vector(shape[0]!);

/** A prior on the inputs of a case; what they are is told by their names. */
const prior =
  (kind: PriorOptions['kind']): GoldenLoss<Options> =>
  (inputs, { statistics = [], mean = [], std = [], ...options }) => {
    const view = inputs.view ?? Object.values(inputs)[0]!;
    const logits = inputs.teacher ?? inputs.logits;
    const said = { ...(logits && { logits }), ...(inputs.features && { embedding: inputs.features }) };
    const vectorOf = (numbers: readonly number[]) => tensor('float32', [numbers.length], numbers);
    const scene = sceneOf(view, () => said, {
      student: inputs.student ? new Map([['logits', inputs.student]]) : null,
      facts: {
        name: 'teacher',
        statistics: statistics.map((kept, i) => ({
          input: inputs[`layer${i}`]!,
          mean: vectorOf(kept.mean),
          variance: vectorOf(kept.variance),
        })),
        lastLayer: null,
      },
    });
    const host = {
      example: exampleOf(view.shape.slice(1) as readonly number[]),
      spreads: { mean, std },
      perRound: () => inputs.classes!,
    } as unknown as Host;
    const value = priorOf(kind).loss(priorSchema.parse({ kind, ...options }) as never, scene, host) as Value;
    return reshape(value, [1]);
  };

const kinds = ['confident', 'balance', 'adversarial', 'activation', 'batch-statistics', 'total-variation', 'norm'] as const;
goldenLosses<Options>('synthesis.json', Object.fromEntries(kinds.map((kind) => [kind, prior(kind)])));
