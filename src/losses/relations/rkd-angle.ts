import type { Value } from '../../graph/graph.ts';
import { add, div, mul, neg, stopGradient, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { concat, padAxis, slice } from '../../ops/movement.ts';
import { clip } from '../../ops/select.ts';
import { unsqueeze } from '../../ops/shape.ts';
import { sumPerExample } from '../per-example.ts';
import { geometry } from './pairwise.ts';

interface Corners {
  /** ⟨xⱼ, xₖ⟩, [B, B]. */
  readonly products: Value;
  /** rᵢⱼ = 1 / |xⱼ − xᵢ|, 0 for equal rows: [n, B]. */
  readonly near: Value;
  /** rᵢⱼ·(|xᵢ|²/2 − ⟨xᵢ, xⱼ⟩), [n, B]. */
  readonly shift: Value;
}

function cornersOf(x: Value, n: number): Corners {
  const { products, squares, distances, differ } = geometry(x);
  const near = div(differ, distances);
  const shift = mul(near, sub(mul(squares, 0.5), products));
  const some = (v: Value): Value => (n === v.shape[0] ? v : slice(v, [0], [n]));
  return { products, near: some(near), shift: some(shift) };
}

const column = (x: Value): Value => unsqueeze(x, [2]);
const row = (x: Value): Value => unsqueeze(x, [1]);

/** Some of the examples at a corner, j or k. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Tiles below the diagonal equal those above, and so many examples squared stay in the processor's cache: half the time at B = 128. */
const tile = 64;

const rangesOf = (size: number): readonly Range[] =>
  Array.from({ length: Math.ceil(size / tile) }, (_, i) => ({ from: i * tile, to: Math.min(size, (i + 1) * tile) }));

const part = (x: Value, axis: number, { from, to }: Range): Value =>
  from === 0 && to === x.shape[axis] ? x : slice(x, [from], [to], [axis]);

/** rᵢⱼ·rᵢₖ·⟨xⱼ, xₖ⟩ for some j and k, [n, J, K]. */
const between = ({ near, products }: Corners, j: Range, k: Range): Value =>
  mul(matmul(column(part(near, 1, j)), row(part(near, 1, k))), part(part(products, 0, j), 1, k));

/**
 * Angle-wise relations, Park et al. 2019 (arXiv 1904.05068) eq. 7–9: the Huber loss (δ = 1) between the cosines of the angles at xᵢ in
 * all triangles xⱼ xᵢ xₖ. Scaling, shifting and rotating a side changes nothing. An angle with two equal corners counts as 0 with no
 * gradient (the official code divides by 1e-12 there, and its gradient explodes). As in that code the mean runs over all B³ entries.
 *
 * With rᵢⱼ = 1/|xⱼ − xᵢ| the cosine is rᵢⱼ·rᵢₖ·(⟨xⱼ,xₖ⟩ − ⟨xᵢ,xⱼ⟩ − ⟨xᵢ,xₖ⟩ + |xᵢ|²): elementwise work of [B, B, B], whatever the
 * width of the rows, and matrix products of inner size 4 for the last three terms of both sides.
 *
 * @param student [B, …].
 * @param teacher [B, …], of any shape behind the batch.
 * @param corners How many examples, the first of the batch, take the place of i: time and memory are corners·B².
 * @returns [B], by the example in the corner; the loss of the batch is their mean, and 0 for a batch of one.
 */
export function rkdAngle(student: Value, teacher: Value, corners = Number.POSITIVE_INFINITY): Value {
  const size = student.shape[0] as number;
  const n = Math.min(size, corners);
  const [s, t] = [cornersOf(student, n), cornersOf(teacher, n)];
  const left = concat([s.shift, s.near, neg(t.shift), neg(t.near)].map(column), 2);
  const right = concat([s.near, s.shift, t.near, t.shift].map(row), 1);
  const tiles = rangesOf(size);
  const sums = tiles.flatMap((j, a) =>
    tiles.slice(a).map((k) => {
      const error = add(sub(between(s, j, k), between(t, j, k)), matmul(part(left, 1, j), part(right, 2, k)));
      // c·(e − c/2) has the derivative c: saying so saves passes over [n, J, K].
      const limited = stopGradient(clip(error, -1, 1));
      const sum = sumPerExample(mul(limited, sub(error, mul(limited, 0.5))));
      return j === k ? sum : mul(sum, 2);
    }),
  );
  const total = sums.reduce((a, b) => add(a, b));
  const values = mul(total, 1 / (size * size));
  return n === size ? values : padAxis(mul(values, size / n), 0, 0, size - n);
}
