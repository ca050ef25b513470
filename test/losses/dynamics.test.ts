import type { Value } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { softTargets } from '../../src/losses/responses/soft-targets.ts';
import { classPartners } from '../../src/losses/self/class-partner.ts';
import { consistency } from '../../src/losses/self/consistency.ts';
import { mutual } from '../../src/losses/self/mutual.ts';
import { pastTargets } from '../../src/losses/self/past-targets.ts';
import { shallowHead } from '../../src/losses/self/shallow-head.ts';
import type { Extras, Signals } from '../../src/methods/define.ts';
import { temperatureOf, temperatureOption } from '../../src/methods/temperature/list.ts';
import { weightingOf, weightingSchema, weightings } from '../../src/methods/weighting/list.ts';
import { add, div, mul, stopGradient } from '../../src/ops/elementwise.ts';
import { gather } from '../../src/ops/gather.ts';
import { mean } from '../../src/ops/reduce.ts';
import { type GoldenLoss, goldenLosses } from '../support/golden.ts';

type Options = Readonly<Record<string, number>>;
type Inputs = Readonly<Record<string, Value>>;

/** Where the parameters of a learned temperature lie among the inputs of a case. */
const parameters: Readonly<Record<string, string>> = {
  global: 't',
  'in.weight': 'w1',
  'in.bias': 'b1',
  'out.weight': 'w2',
  'out.bias': 'b2',
};

/** What a rule sees of a case; parameters are inputs, numbers that change with the step are constants. */
function signalsOf(inputs: Inputs, { epoch = 0 }: Options): Signals {
  const graph = inputs.student!.graph;
  const scopes: string[] = [];
  const extras = {
    graph,
    param: (name: string) => inputs[parameters[[...scopes.slice(1), name].join('.')]!]!,
    scope: <T>(name: string, build: () => T): T => {
      scopes.push(name);
      const made = build();
      scopes.pop();
      return made;
    },
    scalar: (_: string, at: Parameters<Extras['scalar']>[1]) =>
      graph.scalar(at({ step: 10 * epoch, steps: 100, stepsPerEpoch: 10 })),
  } as unknown as Extras;
  return {
    student: new Map([['logits', inputs.student!]]),
    teacher: new Map([['logits', inputs.teacher!]]),
    target: inputs.target ?? inputs.teacher!,
    offer: { student: new Map(), teacher: new Map() },
    extras,
  };
}

const tempered =
  (by: string, more: object = {}): GoldenLoss<Options> =>
  (inputs, { epoch, ...options }) => {
    const signals = signalsOf(inputs, { epoch: epoch ?? 0 });
    const temperature = temperatureOf(temperatureOption(1).parse({ by, ...options, ...more }), signals);
    return softTargets(inputs.student!, inputs.teacher!, temperature);
  };

/** Soft targets at temperature 4, with factors of mean 1. */
const weighted =
  (by: string): GoldenLoss<Options> =>
  (inputs, { share, ...rest }) => {
    const share_ = share === undefined ? {} : { share: { schedule: 'step', from: share, to: share } };
    const options = weightingSchema.parse({ by, ...rest, ...share_ });
    const values = softTargets(inputs.student!, inputs.teacher!, 4);
    const factors = weightingOf(options).weigh(signalsOf(inputs, {}), values, options);
    return mul(div(factors, mean(factors)), values);
  };

const constant = (like: Value, value: number): Value => like.graph.constant(tensor(like.dtype, [], [value]));

goldenLosses<Options>('dynamics.json', {
  ...Object.fromEntries(['entropy', 'norm', 'flsw', 'cwsm', 'learned'].map((by) => [`temperature ${by}`, tempered(by)])),
  'temperature learned for each': tempered('learned', { per: 'example', hidden: 3 }),
  // Counting some classes alone is a mask: there is nothing to compare.
  ...Object.fromEntries(weightings.filter(({ by }) => by !== 'classes').map(({ by }) => [`weight ${by}`, weighted(by)])),
  'past self': ({ student, past, target }, { alpha, temperature }) =>
    pastTargets(student!, past!, target!, constant(student!, alpha!), temperature),
  'consistency mse': ({ student, average }) => consistency.mse(student!, average!),
  'consistency kl': ({ student, average }) => consistency.kl(student!, average!),
  'shallow head': ({ logits, features, deepLogits, deepFeatures, target }, { alpha, temperature, lambda }) =>
    shallowHead({ logits: logits!, features: features! }, { logits: deepLogits!, features: deepFeatures! }, target!, {
      alpha: alpha!,
      temperature: temperature!,
      lambda: lambda!,
    }),
  mutual: ({ target, student0, ...peers }, { temperature }) => {
    const both = mutual(student0!, Object.values(peers), target!, temperature);
    return add(both.divergence, both.peers);
  },
  'class partners': ({ student, target, draws }, { temperature }) => {
    const { at, found } = classPartners(target!, draws!);
    return mul(softTargets(student!, gather(stopGradient(student!), at), temperature!), found);
  },
});
