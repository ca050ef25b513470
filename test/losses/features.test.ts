import { activationBoundaries } from '../../src/losses/features/activation-boundaries.ts';
import { type AttentionTransferOptions, attentionTransfer } from '../../src/losses/features/attention-transfer.ts';
import { infoNce, noiseContrast } from '../../src/losses/features/contrast.ts';
import { type FactorNorm, factorTransfer, meanFactorTransfer } from '../../src/losses/features/factor-transfer.ts';
import { hierarchicalContext } from '../../src/losses/features/hierarchical-context.ts';
import { hint } from '../../src/losses/features/hint.ts';
import { neuronSelectivity } from '../../src/losses/features/neuron-selectivity.ts';
import { negativeMeans, partialDistance } from '../../src/losses/features/partial-distance.ts';
import { patience } from '../../src/losses/features/patience.ts';
import { solutionFlow } from '../../src/losses/features/solution-flow.ts';
import { unit } from '../../src/losses/features/unit.ts';
import { variationalInformation } from '../../src/losses/features/variational-information.ts';
import { mul } from '../../src/ops/elementwise.ts';
import { slice } from '../../src/ops/movement.ts';
import { goldenLosses } from '../support/golden.ts';

interface Options extends AttentionTransferOptions {
  readonly form: 'code' | 'paper';
  readonly kernel: 'polynomial' | 'linear';
  readonly temperature: number;
  readonly n: number;
  readonly margin: number;
  readonly norm: FactorNorm;
}

goldenLosses<Options>('features.json', {
  hint: ({ student, teacher }, { form }) => hint(student!, teacher!, form),
  patience: ({ student, teacher }, { form }) => patience(student!, teacher!, form),
  attentionTransfer: ({ student, teacher }, options) => attentionTransfer(student!, teacher!, options),
  neuronSelectivity: ({ student, teacher }, { kernel }) => neuronSelectivity(student!, teacher!, kernel),
  variationalInformation: ({ student, teacher, scale }) => variationalInformation(student!, teacher!, scale!),
  hierarchicalContext: ({ student, teacher }) => hierarchicalContext(student!, teacher!),
  noiseContrast: ({ student, logZ }, { temperature, n }) => {
    const scores = mul(student!, 1 / temperature);
    const end = scores.shape[1] as number;
    return noiseContrast({ partner: slice(scores, [0], [1], [1]), others: slice(scores, [1], [end], [1]) }, logZ!, n);
  },
  infoNce: ({ student, teacher }, { temperature }) => infoNce(unit(student!, [1]), unit(teacher!, [1]), temperature),
  activationBoundaries: ({ student, teacher }, { margin, form }) => activationBoundaries(student!, teacher!, margin, form),
  factorTransfer: ({ student, teacher }, { norm, form }) =>
    factorTransfer(student!, teacher!, { ...(norm && { norm }), ...(form && { form }) }),
  meanFactorTransfer: ({ student, teacher }, { norm }) => meanFactorTransfer(student!, teacher!, norm),
  solutionFlow: ({ student, second, teacher, teacherSecond }) =>
    solutionFlow({ first: student!, second: second! }, { first: teacher!, second: teacherSecond! }),
  partialDistance: ({ student, teacher }) => partialDistance(student!, teacher!, negativeMeans(teacher!)),
});
