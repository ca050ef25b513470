import { nodeOf, type Value } from '../../graph/graph.ts';
import { sameShape } from '../../graph/type.ts';
import { constantNumbers } from '../../ops/define.ts';
import { add } from '../../ops/elementwise.ts';
import { ScatterElements, ScatterND } from '../../ops/gather.ts';
import { Expand } from '../../ops/shape.ts';
import type { Join } from './join.ts';

/** Whether a value is zeros, as derivatives make them to scatter into. */
function isZero(v: Value): boolean {
  const node = nodeOf(v);
  const few = constantNumbers(node?.op === Expand ? node.inputs[0] : v);
  return few?.every((x) => x === 0) ?? false;
}

/** Sums of slices that are scattered into zeros, and then added to something, are scattered into that at once. */
export const scatterIntoSum: Join = (node, [a, b], once) => {
  if (node.op !== add.op || !sameShape(a!.shape, b!.shape)) return undefined;
  for (const [scattered, base] of [
    [a!, b!],
    [b!, a!],
  ] as const) {
    const made = nodeOf(scattered);
    if ((made?.op !== ScatterND && made?.op !== ScatterElements) || made.attrs.reduction !== 'add') continue;
    const [zeros, at, updates] = made.inputs as readonly [Value, Value, Value];
    if (!once(scattered) || !isZero(zeros)) continue;
    return scattered.graph.node(made.op, [base, at, updates], made.attrs, [scattered.type], made.label)[0];
  }
  return undefined;
};
