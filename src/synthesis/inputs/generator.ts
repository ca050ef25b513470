import { z } from 'zod';
import { writeOneHot } from '../../data/dataset.ts';
import type { Value } from '../../graph/graph.ts';
import { normalInit } from '../../models/init.ts';
import { mul } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import type { Host } from '../host.ts';
import { network, networkOptions } from '../networks/network.ts';
import { defineInputs } from './define.ts';
import { moved, moveOptions } from './moves.ts';

/** Codes of a step, [B, latent]. */
const codesOf = (latent: number, host: Host): Value =>
  host.perStep('codes', [host.batchSize, latent], (into, draws) => draws.fillNormal(into));

/** One class for each example, [B, K]. */
const classesOf = ({ batchSize, outputs, perStep }: Host): Value =>
  perStep('classes.drawn', [batchSize, outputs], (into, draws) => {
    for (let i = 0; i < batchSize; i++) writeOneHot(draws.integer(outputs), outputs, into, i * outputs);
  });

export const generator = defineInputs({
  kind: 'generator',
  summary: 'A network makes examples out of random codes and is trained along the way: new ones can be had at any time.',
  options: z.strictObject({
    kind: z.literal('generator'),
    ...networkOptions,
    conditional: z
      .boolean()
      .default(false)
      .describe(
        'Codes are multiplied by a learnt vector of a class drawn for each example, which the teacher is to see in it (Xu et al. 2020, arXiv 2003.03603)',
      ),
    ...moveOptions,
  }),
  learns: true,
  endless: true,
  build(options, host) {
    const codes = codesOf(options.latent, host);
    if (!options.conditional) return moved(network(options, host, host, codes), options, host);
    const classes = classesOf(host);
    const vectors = host.param('classes', [host.outputs, options.latent], normalInit(1));
    const made = network(options, host, host, mul(codes, matmul(classes, vectors)));
    return { ...moved(made, options, host), classes };
  },
});
