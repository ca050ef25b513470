import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { sparseCrossEntropy } from '../../losses/cross-entropy.ts';
import { unit } from '../../losses/features/unit.ts';
import { linear } from '../../models/layers.ts';
import { relu } from '../../ops/activations.ts';
import { add, div, max, mul, stopGradient, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { concat, split } from '../../ops/movement.ts';
import { mean, reduceMean, sum } from '../../ops/reduce.ts';
import { reshape, swapLast } from '../../ops/shape.ts';
import { SynthesisError } from '../error.ts';
import type { Host } from '../host.ts';
import { changedView, changeOptions } from './changed-view.ts';
import { definePrior } from './define.ts';
import { earlierRounds } from './earlier-rounds.ts';
import { weightOption } from './options.ts';

/** Lowers the score of what is not there beyond all others. */
const never = 1e9;

/** Features [B, D] of some taps side by side, each a mean over its places. */
const features = (answers: ReadonlyMap<string, Value>, taps: readonly string[]): Value =>
  concat(
    taps.map((tap) => {
      const x = answers.get(tap)!;
      return reduceMean(
        x,
        x.shape.flatMap((_, axis) => (axis > 1 ? [axis] : [])),
        false,
      );
    }),
    1,
  );

/** Unit vectors [n, width] of features [n, D], by a network of two layers. */
const projected = (x: Value, width: number, host: Host): Value =>
  host.scope('head', () => unit(linear(host, 'fc2', relu(linear(host, 'fc1', x, x.shape[1] as number)), width), [1]));

/**
 * Cross-entropy of finding each row's own partner among those of all rows (InfoNCE): [n], log n where nothing tells them apart.
 *
 * @param rows Unit vectors [n, D].
 * @param partners The same; no gradient passes them.
 * @param there 1 for partners that are to be taken for one, 0 for others, [n].
 */
export function ownPartner(rows: Value, partners: Value, there: Value, temperature: number): Value {
  const n = rows.shape[0] as number;
  const scores = mul(matmul(rows, swapLast(stopGradient(partners))), 1 / temperature);
  const own = rows.graph.constant(tensor('int64', [n], [...Array(n).keys()]));
  return sparseCrossEntropy(add(scores, mul(sub(reshape(there, [1, n]), 1), never)), own);
}

/**
 * Examples differ: contrastive model inversion (CMI, Fang et al. 2021, arXiv 2105.08584, §3.3). An example's changed view has to be
 * found by the teacher's features among the unchanged examples of the batch and of earlier rounds, of which the features are remembered
 * and projected anew. Gradients reach examples by way of the changed view alone. As in the paper's code the examples of earlier rounds
 * are searched for as well, which trains the projection, and the two means are added.
 */
export const contrast = definePrior({
  kind: 'contrast',
  summary: 'The teacher tells each example from all others, of this batch and of earlier rounds.',
  paper: 'https://arxiv.org/abs/2105.08584',
  needs: 'features of the teacher (`embedding`)',
  options: z.strictObject({
    kind: z.literal('contrast'),
    weight: weightOption,
    taps: z
      .array(z.string().min(1))
      .min(1)
      .default(['embedding'])
      .describe('Features of the teacher, by role or tensor name: means over places, side by side'),
    width: z.int().min(1).default(128).describe('Numbers that features are projected to'),
    temperature: z.number().positive().default(0.1).describe('Divides the products of unit vectors'),
    memory: z.int().min(1).default(512).describe('Examples of earlier rounds that are remembered'),
    ...changeOptions,
  }),
  taps: ({ taps }) => taps,
  async loss({ taps, width, temperature, memory, ...changes }, scene, host) {
    const { example, batchSize } = host;
    if (example.layout === 'tokens') {
      throw new SynthesisError(
        'contrast: found texts, which this prior cannot change a little; expected pictures or vectors; leave it out',
      );
    }
    const missing = taps.find((tap) => !scene.teacher.has(tap));
    if (missing !== undefined) {
      throw new SynthesisError(
        `contrast: the teacher '${scene.facts.name}' has no '${missing}'; expected roles or names of tensors of its file; name some as taps, or leave this prior out`,
      );
    }
    const changed = features(await scene.ask(changedView[example.layout](scene.view, changes, host)), taps);
    const whole = features(scene.teacher, taps);
    const before = earlierRounds([changed, whole], memory, host);
    const [rows, partners] = split(
      projected(concat([changed, before.features[0]!, stopGradient(whole), before.features[1]!]), width, host),
      [batchSize + memory, batchSize + memory],
    ) as [Value, Value];
    const ones = host.graph.constant(tensor('float32', [batchSize], Array<number>(batchSize).fill(1)));
    const values = ownPartner(rows, partners, concat([ones, before.there]), temperature);
    const [now, earlier] = split(values, [batchSize, memory]) as [Value, Value];
    return add(mean(now), div(sum(mul(earlier, before.there)), max(sum(before.there), 1)));
  },
});
