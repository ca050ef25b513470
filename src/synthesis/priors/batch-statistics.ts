import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/type.ts';
import { butChannels, perChannel } from '../../ops/channel.ts';
import { add, mul, stopGradient, sub } from '../../ops/elementwise.ts';
import { reduceMean, sum } from '../../ops/reduce.ts';
import { SynthesisError } from '../error.ts';
import type { RunningStatistics } from '../teacher/facts.ts';
import { definePrior } from './define.ts';
import { weightOption } from './options.ts';
import { root } from './root.ts';

const length = (x: Value): Value => root(sum(mul(x, x)));

/** ‖mean(batch) − mean‖₂ + ‖variance(batch) − variance‖₂ over channels, the variance divided by n. */
function apart({ input, mean, variance }: RunningStatistics): Value {
  const axes = butChannels(input);
  const now = reduceMean(input, axes);
  // Deviations add up to zero, so that no gradient comes back through their mean.
  const deviations = sub(input, stopGradient(now));
  const spread = reduceMean(mul(deviations, deviations), axes);
  const against = (kept: Tensor): Value => perChannel(input.graph.constant(kept), input);
  return add(length(sub(now, against(mean))), length(sub(spread, against(variance))));
}

const missing = (teacher: string): SynthesisError =>
  new SynthesisError(
    [
      `batch-statistics: the file of the teacher '${teacher}' has no BatchNormalization nodes with running statistics`,
      'expected at least one; exporters usually fold them into the convolutions before them, which loses the statistics',
      'without this prior zskd, dafl, zskt and dfad remain, and lopes with statistics that were collected where the data is; to keep the nodes, export the model in eval mode with torch.onnx.export(…, dynamo=False, training=TrainingMode.PRESERVE, do_constant_folding=False) or torch.onnx.export(…, dynamo=True, optimize=False), and run no optimizer on the file',
    ].join('; '),
  );

/**
 * Means and variances of the batch are those that the teacher's batch normalisations remember of its training data: the feature prior
 * of DeepInversion (Yin et al. 2020, arXiv 1912.08795, eq. 4), summed over layers as in its code, where the first one counts more.
 */
export const batchStatistics = definePrior({
  kind: 'batch-statistics',
  summary: 'Inner means and variances are those that the teacher’s batch normalisations remember of its training data.',
  paper: 'https://arxiv.org/abs/1912.08795',
  needs: 'BatchNormalization in the teacher’s file',
  options: z.strictObject({
    kind: z.literal('batch-statistics'),
    weight: weightOption,
    firstLayer: z
      .number()
      .min(0)
      .default(10)
      .describe('Factor of the first layer; DeepInversion has 10 for ImageNet, 1 for CIFAR-10, and CMI has 1'),
  }),
  loss: ({ firstLayer }, { facts }) => {
    const [first, ...others] = facts.statistics.map(apart);
    if (!first) throw missing(facts.name);
    return others.reduce((total, layer) => add(total, layer), mul(first, firstLayer));
  },
});
