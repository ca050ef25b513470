import { grad } from '../../src/autodiff/grad.ts';
import type { Value } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import type { Built } from '../../src/models/build.ts';
import { mul, sub } from '../../src/ops/elementwise.ts';
import { sum } from '../../src/ops/reduce.ts';
import { logSoftmax } from '../../src/ops/softmax.ts';
import { type Feeds, numbers, open } from './ort.ts';

/** Weighted mean of the cross-entropies of rows [R, K]. */
export function meanLoss(rows: Value, classes: readonly number[], weights: readonly number[]): Value {
  const width = rows.shape[1] as number;
  const total = weights.reduce((a, b) => a + b, 0);
  const hot = classes.flatMap((k, r) => Array.from({ length: width }, (_, j) => (j === k ? -weights[r]! / total : 0)));
  return sum(mul(logSoftmax(rows), rows.graph.constant(tensor('float32', [classes.length, width], hot))));
}

export interface SgdRun {
  readonly built: Built;
  readonly loss: Value;
  readonly feeds: Feeds;
  readonly state: ReadonlyMap<string, Tensor>;
  readonly rate: number;
  readonly steps: number;
}

/** Plain gradient descent on one batch: losses before each step, and the weights behind the last. */
export async function trainBySgd({ built, loss, feeds, state, rate, steps }: SgdRun) {
  const gradients = grad(
    loss,
    built.params.map(({ value }) => value),
  );
  const next = built.params.map(({ name, value }, i) => [name, sub(value, mul(gradients[i]!, rate))] as const);
  const kept = built.buffers.map(({ name, after }) => [name, after] as const);
  const results = Object.fromEntries([...next, ...kept].map(([name, v]) => [`next ${name}`, v]));
  const session = await open({ loss, ...results });
  const losses: number[] = [];
  let current = Object.fromEntries(state);
  for (let step = 0; step < steps; step++) {
    const found = await session.run({ ...current, ...feeds });
    losses.push(numbers(found.loss!)[0]!);
    current = Object.fromEntries(Object.keys(current).map((name) => [name, found[`next ${name}`] ?? current[name]!]));
  }
  await session.close();
  return { losses, state: new Map(Object.entries(current)) };
}
