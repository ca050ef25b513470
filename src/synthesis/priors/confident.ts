import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { sparseCrossEntropy } from '../../losses/cross-entropy.ts';
import { scaled } from '../../losses/responses/soft-targets.ts';
import { cast, stopGradient } from '../../ops/elementwise.ts';
import { argMax } from '../../ops/gather.ts';
import { mean } from '../../ops/reduce.ts';
import { SynthesisError } from '../error.ts';
import type { Host } from '../host.ts';
import { classLogits } from './class-logits.ts';
import { definePrior, type Scene } from './define.ts';
import { weightOption } from './options.ts';

/** Classes that the examples are to be of, int64 [B]. */
const classesBy: Readonly<Record<'own' | 'random' | 'asked', (logits: Value, host: Host, scene: Scene) => Value>> = {
  own: (logits) => argMax(stopGradient(logits)),
  asked(_, __, { classes }) {
    if (classes) return argMax(classes);
    throw new SynthesisError(
      'confident: found target asked, and examples that were made for no class; expected those of a conditional generator; set `conditional: true` of the generator, or take target own or random',
    );
  },
  random: (logits, host) => {
    const [count, classes] = logits.shape as readonly [number, number];
    const drawn = host.perRound('classes', [count], (into, draws) => {
      for (let i = 0; i < into.length; i++) into[i] = draws.integer(classes);
    });
    return cast(drawn, 'int64');
  },
};

/**
 * The one-hot loss: −log softmax(z/T) at the class that the teacher itself gives (DAFL, Chen et al. 2019, §3.1; ties go to the first
 * class), or at one drawn for each example of a round (DeepInversion, CMI).
 */
export const confident = definePrior({
  kind: 'confident',
  summary: 'The teacher is sure of a class: its own answer, or one that was drawn.',
  paper: 'https://arxiv.org/abs/1904.01186',
  needs: 'classes',
  options: z.strictObject({
    kind: z.literal('confident'),
    weight: weightOption,
    target: z
      .enum(['own', 'random', 'asked'])
      .default('own')
      .describe(
        'own: the class that the teacher gives; random: a class drawn for each example at the start of a round; asked: the class that a conditional generator made it for',
      ),
    temperature: z.number().positive().default(1).describe('The logits are divided by it'),
  }),
  loss: ({ target, temperature }, scene, host) => {
    const logits = classLogits('confident', scene);
    return mean(sparseCrossEntropy(scaled(logits, temperature), classesBy[target](logits, host, scene)));
  },
});
