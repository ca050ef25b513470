import { z } from 'zod';
import { clip } from '../../ops/select.ts';
import type { Fill } from '../host.ts';
import { batchShape, continuous, inUnits } from '../units.ts';
import { defineInputs } from './define.ts';

const standardNormal: Fill = (into, draws) => draws.fillNormal(into);
const unit: Fill = (into, draws) => draws.fillUniform(into);
/** Uniform with mean 0 and variance 1. */
const standardUniform: Fill = (into, draws) => {
  draws.fillUniform(into);
  for (let i = 0; i < into.length; i++) into[i] = (into[i]! - 0.5) * Math.sqrt(12);
};

export const noise = defineInputs({
  kind: 'noise',
  summary: 'Random numbers, drawn and used once: what a student learns from a teacher without knowing anything of its data.',
  options: z.strictObject({
    kind: z.literal('noise'),
    distribution: z
      .enum(['uniform', 'gaussian'])
      .default('uniform')
      .describe(
        'Pictures: uniform in 0…1, or normal with the mean and the deviation of the data, clipped to 0…1; vectors: either with the mean and the deviation of the data',
      ),
  }),
  learns: false,
  endless: true,
  build({ distribution }, host) {
    const drawn = (fill: Fill) => host.perStep('noise', batchShape(host), fill);
    const makers = {
      image: { uniform: () => drawn(unit), gaussian: () => clip(inUnits(drawn(standardNormal), host), 0, 1) },
      vector: { uniform: () => inUnits(drawn(standardUniform), host), gaussian: () => inUnits(drawn(standardNormal), host) },
    };
    const batch = makers[continuous(host).layout][distribution]();
    return { clean: batch, seen: batch };
  },
});
