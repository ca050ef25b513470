import type { Value } from '../../graph/graph.ts';
import type { Shape } from '../../graph/type.ts';
import { fitMap } from '../../losses/features/fit-map.ts';
import { zeros } from '../../models/init.ts';
import { add, mul, sigmoid } from '../../ops/elementwise.ts';
import { concat, split } from '../../ops/movement.ts';
import { reshape } from '../../ops/shape.ts';
import type { Extras } from '../define.ts';
import { convolution, normalised } from './trained.ts';

const sizes = (shape: Shape): readonly number[] => shape.slice(2) as readonly number[];

/** Two maps of one size, each weighted place by place by an attention that sees both. */
function mixed(extras: Extras, own: Value, deeper: Value): Value {
  const seen = convolution(extras, 'attention', concat([own, deeper], 1), 2);
  const bias = reshape(extras.param('attention.bias', [2], zeros), [2, 1, 1]);
  const [a, b] = split(sigmoid(add(seen, bias)), [1, 1], 1);
  return add(mul(own, a!), mul(deeper, b!));
}

/**
 * Attention-based fusion of knowledge review, Chen et al. 2021 (arXiv 2104.09044) §3.3: a layer of the student, together with what
 * the deeper layers left, becomes a map like one of the teacher.
 *
 * @param x Layer of the student, [B, C, H, W].
 * @param deeper What the fusion of the next deeper layer left for this one; absent for the deepest.
 * @param width Channels in which layers are fused.
 * @param like Shape of the teacher's map.
 * @returns `left`: for the next shallower layer, [B, width, …]; `feature`: of shape `like`.
 */
export function fuse(
  extras: Extras,
  name: string,
  {
    x,
    deeper,
    width,
    like,
  }: { readonly x: Value; readonly deeper: Value | undefined; readonly width: number; readonly like: Shape },
): { readonly left: Value; readonly feature: Value } {
  return extras.scope(name, () => {
    const own = normalised(extras, 'norm1', convolution(extras, 'conv1', x, width));
    const both = deeper ? mixed(extras, own, fitMap(deeper, sizes(own.shape), 'nearest')) : own;
    const left = fitMap(both, sizes(like), 'nearest');
    return { left, feature: normalised(extras, 'norm2', convolution(extras, 'conv2', left, like[1] as number, 3)) };
  });
}
