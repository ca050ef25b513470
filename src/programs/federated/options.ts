import { z } from 'zod';
import { dataSchema } from '../../data/sources.ts';
import { optimizerSchema } from '../../optim/presets.ts';
import type { RecipeIssue } from '../../recipe/error.ts';
import { type Recipe, recipeSchema } from '../../recipe/recipe.ts';
import { issue } from '../define.ts';

const share = z.number().min(0).lt(1);

const server = z
  .strictObject({
    unlabelled: z
      .union([z.number().gt(0).lt(1), z.int().min(1)])
      .optional()
      .describe('Distil on a part of the train split that no client has, as a fraction or a count; its labels are not read'),
    data: dataSchema
      .optional()
      .describe('Distil on the train split of another set with examples of the same shape; its labels are not read'),
    noise: z.int().min(1).optional().describe('Distil on so many examples of noise'),
    epochs: z.int().min(1).default(30).describe('How often all of that is seen in a round, at most'),
    batchSize: z.int().min(1).default(128).describe('Examples per step'),
    optimizer: optimizerSchema.prefault({ kind: 'adam', learningRate: 1e-3 }).describe('How gradients become updates'),
    temperature: z.number().positive().default(1).describe('Of the soft targets'),
    patience: z
      .int()
      .min(1)
      .default(10)
      .describe('Epochs without a better validation score before a round’s distillation stops; the best one counts'),
  })
  .prefault({ unlabelled: 0.1 });

export const options = z.strictObject({
  kind: z.literal('federated'),
  clients: z.int().min(1).max(10_000).default(20).describe('Clients with data of their own'),
  perRound: z.int().min(1).default(8).describe('Clients that are asked in a round, drawn anew each time'),
  rounds: z
    .int()
    .min(1)
    .max(10_000)
    .default(5)
    .describe('Rounds: what the server has goes down, what clients make of it comes up'),
  alpha: z
    .union([z.number().positive(), z.literal('iid')])
    .default(0.1)
    .describe(
      'How alike clients are: for each class the shares of the clients come from a Dirichlet distribution of this; iid: all alike',
    ),
  models: z
    .array(recipeSchema.shape.student.shape.model)
    .min(1)
    .optional()
    .describe('Architectures beside student.model; clients have them in turn'),
  methods: z
    .array(z.enum(['fedavg', 'fedprox', 'feddf']))
    .min(1)
    .default(['fedavg', 'fedprox', 'feddf'])
    .describe('What is compared, on the same clients, draws and losses of contact'),
  prox: z.number().min(0).default(0.1).describe('μ of FedProx'),
  server: server.describe('How FedDF distils; exactly one of unlabelled, data and noise'),
  send: z
    .enum(['weights', 'logits'])
    .default('weights')
    .describe(
      'What clients send in FedDF; logits: only those on the data of the server, which clients then need too, and the server goes on from its own weights',
    ),
  dropWorst: z
    .boolean()
    .default(false)
    .describe('Leave out clients that are no better on validation than always saying its most frequent class'),
  dropout: share.default(0).describe('Probability that a client that was asked never reports'),
  late: share
    .default(0)
    .describe(
      'Probability that what a client reports arrives a round later; it is used then, unless the same client has sent something newer',
    ),
  noise: z
    .strictObject({
      deviation: z
        .number()
        .min(0)
        .describe(
          'Expected L2 norm of the noise, as a factor on `clip`, or without it on the norm of what is sent: of all changes of weights together, of the logits of one example',
        ),
      clip: z.number().positive().optional().describe('Largest L2 norm of what is sent before noise is added'),
    })
    .optional()
    .describe('Gaussian noise on what leaves a client; no privacy budget is counted'),
});
export type FederatedOptions = z.output<typeof options>;
export type MethodName = FederatedOptions['methods'][number];
export type Disturbance = NonNullable<FederatedOptions['noise']>;

const sources = ['unlabelled', 'data', 'noise'] as const;

/** What the keys of the program and of the rest of its recipe may not be together. */
export function check(o: FederatedOptions, recipe: Recipe): readonly RecipeIssue[] {
  const given = sources.filter((key) => o.server[key] !== undefined);
  const distils = o.methods.includes('feddf');
  const wrong: readonly (readonly [boolean, string, string])[] = [
    [
      recipe.teacher !== undefined,
      'teacher',
      'found one; expected none, since clients learn from labels and the server from them; take it out',
    ],
    [recipe.stages.length > 0, 'stages', 'found some; expected none, since a round is one training; take them out'],
    [
      o.perRound > o.clients,
      'program.perRound',
      `found ${o.perRound}, more than the ${o.clients} clients there are; expected at most as many; lower it, or raise clients`,
    ],
    [
      (o.models?.length ?? 0) >= o.clients,
      'program.models',
      `found ${o.models?.length} beside the student’s for ${o.clients} clients; expected a client for each architecture`,
    ],
    [new Set(o.methods).size < o.methods.length, 'program.methods', 'found one twice; expected each once'],
    [
      distils && given.length === 0,
      'program.server',
      'found no data to distil on; expected one of unlabelled, data and noise, such as unlabelled: 0.1',
    ],
    [given.length > 1, 'program.server', `found ${given.join(' and ')}; expected one of them`],
    [
      o.dropWorst && o.send === 'logits' && distils,
      'program.dropWorst',
      'found together with send: logits; the server then has no weights to measure clients by; take one of the two out',
    ],
    [
      o.dropWorst && recipe.data.validation === 0,
      'program.dropWorst',
      'found without a validation split; expected one to measure clients on; give data.validation',
    ],
  ];
  return wrong.flatMap(([is, path, message]) => (is ? [issue(path, message)] : []));
}
