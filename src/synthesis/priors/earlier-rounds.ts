import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { constantInit, zeros } from '../../models/init.ts';
import { filled } from '../../ops/define.ts';
import { add, cast, equal, mul, stopGradient } from '../../ops/elementwise.ts';
import { gather } from '../../ops/gather.ts';
import { concat, split } from '../../ops/movement.ts';
import { reshape } from '../../ops/shape.ts';
import type { Host } from '../host.ts';

/** What is remembered. */
export interface Remembered {
  /** [M, …] each, as they were given; zeros where there is nothing yet. The latest come first. */
  readonly features: readonly Value[];
  /** 1 where there is something, [M]. */
  readonly there: Value;
}

/**
 * Remembers what the last step of each round gave. Only that: the batches of one round are often the same examples, a little better
 * each time.
 *
 * @param now Features of this step, [B, D] each.
 * @param size How many examples are remembered, M.
 */
export function earlierRounds(now: readonly Value[], size: number, host: Host): Remembered {
  const { graph, batchSize } = host;
  const widths = now.map((v) => v.shape[1] as number);
  const width = widths.reduce((a, b) => a + b, 1);
  const [memory, latest] = [host.buffer('memory', [size, width], zeros), host.buffer('latest', [batchSize, width], zeros)];
  // A round is known by its number, which is drawn: another one than in the step before means that a round has begun.
  const round = host.perRound('round', [1], (into, draws) => draws.fillUniform(into));
  const before = host.buffer('round-before', [1], constantInit(-1));
  const same = cast(equal(round, before.value), 'int64');
  const places = graph.constant(tensor('int64', [size], [...Array(size).keys()]));
  const kept = gather(concat([latest.value, memory.value]), add(places, mul(same, batchSize)));
  memory.update(kept);
  before.update(round);
  const ones = filled(graph, { dtype: 'float32', shape: [batchSize, 1] }, 1);
  latest.update(stopGradient(concat([...now, ones], 1)));
  const parts = split(kept, [...widths, 1], 1);
  return { features: parts.slice(0, -1), there: reshape(parts.at(-1)!, [size]) };
}
