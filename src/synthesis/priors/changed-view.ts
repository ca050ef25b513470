import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { tensor } from '../../graph/type.ts';
import { relu } from '../../ops/activations.ts';
import { abs, add, mul, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { split } from '../../ops/movement.ts';
import { reshape } from '../../ops/shape.ts';
import type { Fill, Host } from '../host.ts';

/** How an example may be changed without becoming another. */
export const changeOptions = {
  crop: z
    .number()
    .gt(0)
    .max(1)
    .default(0.25)
    .describe('Pictures: the smallest part of the area that is cut out and enlarged; 1 leaves it whole'),
  shift: z.number().min(0).default(0).describe('Pictures: moved by up to so many pixels along both axes; black comes in'),
  flip: z.boolean().default(true).describe('Pictures: every second one is mirrored, by chance'),
  noise: z.number().min(0).default(0.1).describe('Vectors: normal noise, in standard deviations of each number'),
};

interface Changes {
  readonly crop: number;
  readonly shift: number;
  readonly flip: boolean;
  readonly noise: number;
}

/** Each example changed in a way of its own, drawn in each step: [B, …example]. */
export const changedView: Readonly<Record<'image' | 'vector', (view: Value, changes: Changes, host: Host) => Value>> = {
  image(view, changes, host) {
    const [batch, , height, width] = view.shape as readonly number[];
    const places = host.perStep('places', [batch!, 4], drawnPlaces(height!, width!, changes));
    const [down, top, across, left] = split(reshape(places, [batch!, 4, 1, 1]), [1, 1, 1, 1], 1) as [Value, Value, Value, Value];
    return matmul(matmul(interpolation(down, top, height!, 2), view), interpolation(across, left, width!, 3));
  },
  vector(view, { noise }, host) {
    const drawn = host.perStep('noise', view.shape as readonly number[], (into, draws) => draws.fillNormal(into));
    const sizes = host.spreads.std.map((s) => s * noise);
    return add(view, mul(drawn, view.graph.constant(tensor('float32', [sizes.length], sizes))));
  },
};

/**
 * Four numbers for each example: row i of the result is row (2nd + 1st·i) of the picture, column j is column (4th + 3rd·j); between two
 * pixels is interpolated.
 */
const drawnPlaces =
  (height: number, width: number, { crop, shift, flip }: Changes): Fill =>
  (into, draws) => {
    for (let at = 0; at < into.length; at += 4) {
      const side = Math.sqrt(crop + (1 - crop) * draws.uniform());
      const start = (size: number): number => draws.uniform() * (1 - side) * (size - 1) + shift * (2 * draws.uniform() - 1);
      const [top, left] = [start(height), start(width)];
      const turned = flip && draws.integer(2) === 1;
      into.set([side, top, turned ? -side : side, turned ? left + side * (width - 1) : left], at);
    }
  };

/**
 * Matrices [B, 1, n, n] that interpolate along an axis: a place of the result (along `axis`) takes of each place of the picture what
 * the distance leaves of 1. Beyond the picture there is nothing to take.
 *
 * @param step [B, 1, 1, 1].
 * @param start [B, 1, 1, 1].
 */
function interpolation(step: Value, start: Value, n: number, axis: 2 | 3): Value {
  const along = (a: number): Value => {
    const shape = [1, 1, 1, 1].with(a, n);
    return step.graph.constant(tensor('float32', shape, [...Array(n).keys()]));
  };
  return relu(sub(1, abs(sub(add(start, mul(step, along(axis))), along(5 - axis)))));
}
