import { binaryCrossEntropy } from '../../src/losses/binary-cross-entropy.ts';
import { cosineDistance } from '../../src/losses/cosine.ts';
import { crossEntropy, sparseCrossEntropy } from '../../src/losses/cross-entropy.ts';
import { huber, meanAbsoluteError, meanSquaredError } from '../../src/losses/regression.ts';
import { entropy, reverseSoftTargets, softTargets } from '../../src/losses/responses/soft-targets.ts';
import { goldenLosses } from '../support/golden.ts';

interface Options {
  readonly temperature: number;
  readonly delta: number;
  readonly smoothing: number;
  readonly ignoreIndex: number;
  readonly classWeights: number[];
}

goldenLosses<Options>('losses.json', {
  softTargets: ({ a, b }, { temperature }) => softTargets(a!, b!, temperature),
  reverseSoftTargets: ({ a, b }, { temperature }) => reverseSoftTargets(a!, b!, temperature),
  entropy: ({ a }, { temperature }) => entropy(a!, temperature),
  crossEntropy: ({ a, b }, options) => crossEntropy(a!, b!, options),
  sparseCrossEntropy: ({ a, b }, options) => sparseCrossEntropy(a!, b!, options),
  meanSquaredError: ({ a, b }) => meanSquaredError(a!, b!),
  meanAbsoluteError: ({ a, b }) => meanAbsoluteError(a!, b!),
  huber: ({ a, b }, { delta }) => huber(a!, b!, delta),
  binaryCrossEntropy: ({ a, b }) => binaryCrossEntropy(a!, b!),
  cosineDistance: ({ a, b }) => cosineDistance(a!, b!),
});
