import { z } from 'zod';
import { attentionMap, mapDistance } from '../../losses/features/attention-transfer.ts';
import { anyTask, defineMethod } from '../define.ts';
import { type DigestOf, layerNeeds, layersOption, matchLayers } from '../layers/list.ts';
import { common } from '../options.ts';
import { withPlaces } from './offers.ts';

/** The teacher's map is all that is compared: 64 numbers instead of 64 channels of them. */
const mapOf =
  (power: number): DigestOf =>
  ({ student, teacher }, offer) => {
    const like = [1, ...(offer.student.get(student) ?? [])];
    return {
      name: `attention-map.${power}.${teacher}.${like.slice(1).join('x')}`,
      taps: [teacher],
      make: (tapped) => attentionMap(tapped!, like, power),
    };
  };

export const at = defineMethod({
  kind: 'at',
  summary: 'Match where activations are strong, summed over channels, in every stage.',
  paper: 'https://arxiv.org/abs/1612.03928',
  expect: 'Alone mostly below kd; often a small gain with it. Usual weight 1000 for the code form, about 1 for the paper form.',
  tasks: anyTask,
  needs: ({ layers, power }, offer) => ({ ...layerNeeds(layers, withPlaces(offer), 'hidden', mapOf(power)), labels: false }),
  options: z.strictObject({
    kind: z.literal('at'),
    ...common,
    layers: layersOption('hidden', 'block-ends'),
    power: z.number().min(1).default(2).describe('Exponent of activations; larger ones look at the strongest channels alone'),
    form: z
      .enum(['code', 'paper'])
      .default('code')
      .describe('code: mean over places of squared differences of the unit maps; paper: length of their difference'),
  }),
  loss: (signals, { layers, power, form }) => ({
    values: matchLayers(
      layers,
      { ...signals, offer: withPlaces(signals.offer) },
      'hidden',
      (student, map, _, shape) => mapDistance(attentionMap(student, shape, power), map, form),
      mapOf(power),
    ),
  }),
});
