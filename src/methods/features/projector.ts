import { GraphError } from '../../graph/error.ts';
import type { Value } from '../../graph/graph.ts';
import { type Shape, sameShape, showShape } from '../../graph/type.ts';
import { fitLength, fitMap } from '../../losses/features/fit-map.ts';
import { mapToTokens, tokensToMap } from '../../losses/features/tokens.ts';
import { linear } from '../../models/layers.ts';
import { relu } from '../../ops/activations.ts';
import { globalAveragePool } from '../../ops/pool.ts';
import { reduceMean } from '../../ops/reduce.ts';
import { swapLast } from '../../ops/shape.ts';
import type { Extras } from '../define.ts';
import { convolution } from './trained.ts';

/** Gives a value the places and the rank of a shape; channels stay. */
type Arrange = (x: Value, like: readonly number[], where: string) => Value;
type Layer = (extras: Extras, name: string, x: Value, channels: number) => Value;

/** By rank of the student's value and of the wanted shape: 2 vectors [B, D], 3 tokens [B, L, D], 4 maps [B, C, H, W]. */
const arrangements: Readonly<Record<string, Arrange>> = {
  '2,2': (x) => x,
  '3,2': (x) => reduceMean(x, [1], false),
  '4,2': (x) => globalAveragePool(x, false),
  '3,3': (x, like) => swapLast(fitLength(swapLast(x), like[1]!)),
  '4,3': (x, like, where) => mapToTokens(where, x, like[1]!),
  '3,4': (x, like, where) => fitMap(tokensToMap(where, x, [like[2]!, like[3]!]), like.slice(2)),
  '4,4': (x, like) => fitMap(x, like.slice(2)),
};

/** By rank of the wanted shape: what changes the number of channels, and where they are. */
const layers: Readonly<Record<number, { readonly apply: Layer; readonly axis: number }>> = {
  2: { apply: linear, axis: 1 },
  3: { apply: linear, axis: 2 },
  4: { apply: convolution, axis: 1 },
};

export interface ProjectOptions {
  /** Trained layers even where the shapes fit already. */
  readonly always?: boolean;
  /** Number of trained layers, with ReLUs between them. */
  readonly depth?: number;
}

/**
 * Brings a value of the student to the shape of one of the teacher: maps are averaged where the student's are larger and interpolated
 * where they are smaller, tokens become maps and maps tokens, places are averaged away for a vector; then a trained linear layer (1×1
 * convolution without a bias for maps) changes the number of channels. Nothing is trained where channels fit, unless asked for.
 *
 * @param name Of the projector's parameters.
 * @param like Shape of the teacher's value, batch included.
 * @returns A value of shape `like`.
 * @throws GraphError `shape-mismatch` if there is no way from one to the other.
 */
export function project(extras: Extras, name: string, student: Value, like: Shape, options: ProjectOptions = {}): Value {
  const { always = false, depth = 1 } = options;
  const where = `projector ${name}`;
  const arrange = arrangements[`${student.rank},${like.length}`];
  if (!arrange) {
    throw new GraphError(
      'shape-mismatch',
      `${where}: no way from ${showShape(student.shape)} of the student to ${showShape(like)} of the teacher; expected a vector [B,D] ` +
        'of the teacher, or places on both sides, tokens [B,L,D] or maps [B,C,H,W]; choose other layers',
    );
  }
  const arranged = arrange(student, like as readonly number[], where);
  if (sameShape(arranged.shape, like) && !always) return arranged;
  const { apply, axis } = layers[like.length]!;
  return extras.scope(name, () => {
    const channels = like[axis] as number;
    let x = apply(extras, 'layer0', arranged, channels);
    for (let i = 1; i < depth; i++) x = apply(extras, `layer${i}`, relu(x), channels);
    return x;
  });
}
