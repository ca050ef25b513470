import type { ExampleType } from '../data/dataset.ts';
import type { Value } from '../graph/graph.ts';
import { tensor } from '../graph/type.ts';
import { channelAffine } from '../ops/channel.ts';
import { max, min } from '../ops/elementwise.ts';
import { SynthesisError } from './error.ts';
import type { Host } from './host.ts';

type Continuous = Exclude<ExampleType, { readonly layout: 'tokens' }>;

/** Examples of numbers that may take any value. @throws SynthesisError for texts. */
export function continuous({ example }: Pick<Host, 'example'>): Continuous {
  if (example.layout !== 'tokens') return example;
  throw new SynthesisError(
    'inputs: found texts, whose ids cannot be changed little by little; expected pictures or vectors; take soft-tokens or token-generator for texts',
  );
}

/** Shape of a batch. */
export const batchShape = (host: Pick<Host, 'batchSize' | 'example'>): readonly number[] => [
  host.batchSize,
  ...continuous(host).shape,
];

/** [C] against [B, C, …]. */
const byChannel = ({ graph, spreads }: Pick<Host, 'graph' | 'spreads'>, of: 'mean' | 'std'): Value =>
  graph.constant(tensor('float32', [spreads[of].length], spreads[of]));

/** x·std + mean: a batch in units of deviations, [B, C, …], in those of the data. */
export const inUnits = (x: Value, host: Pick<Host, 'graph' | 'spreads'>): Value =>
  channelAffine(x, byChannel(host, 'std'), byChannel(host, 'mean'));

/** Beyond all that is ever reached. */
const anywhere = 1e30;

/** Limits a batch in units of deviations, [B, C, H, W], to what is 0…1 in those of the data. */
export function withinPicture(x: Value, { graph, spreads: { mean, std } }: Pick<Host, 'graph' | 'spreads'>): Value {
  const limit = (at: number, otherwise: number): Value => {
    const values = mean.map((m, c) => (std[c]! > 0 ? (at - m) / std[c]! : otherwise));
    return graph.constant(tensor('float32', [mean.length, 1, 1], values));
  };
  return max(min(x, limit(1, anywhere)), limit(0, -anywhere));
}
