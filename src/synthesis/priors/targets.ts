import { z } from 'zod';
import { dirichlet } from '../../data/dirichlet.ts';
import { crossEntropy } from '../../losses/cross-entropy.ts';
import { scaled } from '../../losses/responses/soft-targets.ts';
import { slice } from '../../ops/movement.ts';
import { mean } from '../../ops/reduce.ts';
import { SynthesisError } from '../error.ts';
import type { Fill } from '../host.ts';
import type { TeacherFacts } from '../teacher/facts.ts';
import { classLogits } from './class-logits.ts';
import { classSimilarity } from './class-similarity.ts';
import { definePrior } from './define.ts';
import { weightOption } from './options.ts';

type Draws = Parameters<Fill>[1];

/** Draws probabilities for an example of a class; `scale` is β. */
type Draw = (of: number, scale: number, draws: Draws) => readonly number[];

/** Keeps concentrations above zero, as the code of the paper does. */
const least = 1e-4;

/** How probabilities are drawn, by where the likeness of classes comes from. */
const ways: Readonly<Record<'weights' | 'none', (facts: TeacherFacts, classes: number) => Draw>> = {
  weights({ name, lastLayer }, classes) {
    if (lastLayer?.shape[0] !== classes) {
      throw new SynthesisError(
        [
          `targets: the teacher '${name}' has no last layer whose weights tell how alike its classes are (an ensemble has none, nor has a teacher with mapped classes)`,
          'expected its logits to be those of one linear layer or 1×1 convolution',
          'set `similarity: none`, which takes all classes for equally alike, or take the prior confident instead of this one',
        ].join('; '),
      );
    }
    const similarity = classSimilarity(lastLayer);
    return (of, scale, draws) =>
      dirichlet(
        similarity[of]!.map((s) => scale * s + least),
        draws,
      );
  },
  // All draws of one distribution, each turned so that its largest share is that of the class: classes stay as frequent as they shall be.
  none: (_, classes) => (of, scale, draws) => {
    const shares = dirichlet(Array<number>(classes).fill(scale), draws);
    const top = shares.indexOf(Math.max(...shares));
    return shares.with(of, shares[top]!).with(top, shares[of]!);
  },
};

/**
 * Writes [B, K + 1]: what the teacher shall answer to each example, and the class that this was drawn for. Each pair of class and scale
 * is as frequent as any other in the long run, and nearly so in a batch.
 */
const filling =
  (draw: Draw, classes: number, scales: readonly number[]): Fill =>
  (into, draws) => {
    const pairs = classes * scales.length;
    const start = draws.integer(pairs);
    for (let at = 0, i = start; at < into.length; at += classes + 1, i++) {
      const of = i % classes;
      const scale = scales[(of + Math.floor((i % pairs) / classes)) % scales.length]!;
      into.set(draw(of, scale, draws), at);
      into[at + classes] = of;
    }
  };

/**
 * Zero-shot distillation (Nayak et al. 2019, arXiv 1905.08114, §3): the teacher's softmax at a high temperature is near probabilities
 * drawn from Dirichlet(β·similarity of the class to all). A small β draws answers near one class, a large one mixtures of classes that
 * are alike. As in the paper half of the examples have β = 1 and half β = 0.1; its code brings rows to 0…1 after it multiplied them
 * with β, so that all of its examples have β = 1.
 *
 * Draws of a round are its input `targets`, [B, K + 1]: probabilities, and in the last column the class that they were drawn for.
 */
export const targets = definePrior({
  kind: 'targets',
  summary: 'The teacher gives softened answers that were drawn so that classes it finds alike come together.',
  paper: 'https://arxiv.org/abs/1905.08114',
  needs: 'the weights of the teacher’s last layer (or `similarity: none`)',
  options: z.strictObject({
    kind: z.literal('targets'),
    weight: weightOption,
    temperature: z.number().positive().default(20).describe('The logits are divided by it'),
    scales: z
      .array(z.number().positive())
      .min(1)
      .default([1, 0.1])
      .describe('β: each for an equal part of the examples. The smaller, the nearer are answers to a single class'),
    similarity: z
      .enum(['weights', 'none'])
      .default('weights')
      .describe('weights: classes are as alike as the weights of the last layer; none: all classes are equally alike'),
  }),
  loss: ({ temperature, scales, similarity }, scene, host) => {
    const logits = classLogits('targets', scene);
    const [count, classes] = logits.shape as readonly [number, number];
    const draw = ways[similarity](scene.facts, classes);
    const drawn = host.perRound('targets', [count, classes + 1], filling(draw, classes, scales));
    return mean(crossEntropy(scaled(logits, temperature), slice(drawn, [0], [classes], [1])));
  },
});
