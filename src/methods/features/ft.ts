import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { type FactorNorm, factorTransfer, meanFactorTransfer } from '../../losses/features/factor-transfer.ts';
import { meanSquaredError } from '../../losses/regression.ts';
import { add, stopGradient } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';
import { anyTask, defineMethod, type Extras } from '../define.ts';
import { layerNeeds, layersOption, matchLayers } from '../layers/list.ts';
import { common } from '../options.ts';
import { project } from './projector.ts';

const forms = {
  code: (s: Value, t: Value, norm: FactorNorm): Value => factorTransfer(s, t, { norm }),
  paper: (s: Value, t: Value, norm: FactorNorm): Value => factorTransfer(s, t, { norm, form: 'paper' }),
  'mean-channel': meanFactorTransfer,
} as const;

/** What is matched, and what it costs to say the teacher's feature in it. */
interface Factor {
  readonly factor: Value;
  readonly cost?: Value;
}

const paraphrasers = {
  /** Two layers to fewer channels and two back. The paper has 3×3 layers; here they look at one place at a time. */
  learned: (extras: Extras, name: string, teacher: Value, rate: number): Factor => {
    const axis = teacher.rank > 3 ? 1 : teacher.rank - 1;
    const channels = Math.max(1, Math.round((teacher.shape[axis] as number) * rate));
    const code = project(extras, `${name}.encoder`, teacher, teacher.shape.with(axis, channels), { always: true, depth: 2 });
    const again = project(extras, `${name}.decoder`, code, teacher.shape, { always: true, depth: 2 });
    // The student learns the factor, the factor does not learn from the student.
    return { factor: stopGradient(code), cost: meanSquaredError(again, teacher) };
  },
  none: (_extras: Extras, _name: string, teacher: Value): Factor => ({ factor: teacher }),
} as const;

export const ft = defineMethod({
  kind: 'ft',
  summary: 'Match a compressed and normalised feature of the teacher through a learned translator.',
  paper: 'https://arxiv.org/abs/1802.04977',
  expect:
    'Alone below kd. The paper trains the paraphraser beforehand; here it learns beside the student, its reconstruction error added ' +
    'to the value. Usual weight 500 for the code form, 200 for mean-channel.',
  tasks: anyTask,
  needs: ({ layers }, offer) => ({ ...layerNeeds(layers, offer, 'hidden'), labels: false }),
  options: z.strictObject({
    kind: z.literal('ft'),
    ...common,
    layers: layersOption('hidden', 'last'),
    paraphraser: z
      .enum(['learned', 'none'])
      .default('learned')
      .describe('learned: an autoencoder of the teacher’s feature, trained at the same time; none: the feature itself'),
    rate: z.number().positive().max(1).default(0.5).describe('Channels of the factor as a share of those of the teacher'),
    norm: z.enum(['l1', 'l2']).default('l1').describe('Distance of normalised factors: absolute or squared differences'),
    form: z
      .enum(['code', 'paper', 'mean-channel'])
      .default('code')
      .describe('code: mean over elements; paper: sum; mean-channel: factors are averaged over channels first'),
  }),
  loss: (signals, { layers, paraphraser, rate, norm, form }) => {
    const costs: Value[] = [];
    const values = matchLayers(layers, signals, 'hidden', (student, teacher, name) => {
      const { factor, cost } = paraphrasers[paraphraser](signals.extras, name, teacher, rate);
      const translated = project(signals.extras, `${name}.translator`, student, factor.shape, { always: true, depth: 2 });
      const distance = forms[form](translated, factor, norm);
      if (!cost) return distance;
      costs.push(mean(cost));
      return add(distance, cost);
    });
    return { values, shows: Object.fromEntries(costs.map((cost, i) => [`reconstruction.${i}`, cost])) };
  },
});
