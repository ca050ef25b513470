import { argmaxRows, type Matrix, softmaxRows } from './metrics.ts';
import type { Disagreement } from './record.ts';

/** Examples are told apart by how much the members differ, in this many groups of equal size. */
const groups = 5;

const entropyOf = (p: ArrayLike<number>, from: number, width: number): number => {
  let h = 0;
  for (let k = 0; k < width; k++) {
    const v = p[from + k]!;
    if (v > 0) h -= v * Math.log(v);
  }
  return h;
};

/**
 * How much the members of an ensemble differ: the mutual information H(mean p) − mean H(p) of each example, in nats (the part of
 * the uncertainty that more data would remove; Lakshminarayanan et al. 2017, arXiv 1612.01474; Depeweg et al. 2018, arXiv 1710.07283).
 *
 * @param members Logits of each member.
 * @param labels Class of each example, −1 where there is none.
 */
export function disagreementOf(
  members: readonly Matrix[],
  ensemble: Matrix,
  distilled: Matrix,
  labels: Int32Array,
): Disagreement {
  const { rows, width } = ensemble;
  const all = members.map(softmaxRows);
  const tops = members.map(argmaxRows);
  const uncertainty = new Float64Array(rows);
  const mean = new Float64Array(width);
  let differing = 0;
  for (let r = 0; r < rows; r++) {
    mean.fill(0);
    for (const p of all) for (let k = 0; k < width; k++) mean[k]! += p[r * width + k]! / all.length;
    const inside = all.reduce((sum, p) => sum + entropyOf(p, r * width, width), 0) / all.length;
    uncertainty[r] = Math.max(0, entropyOf(mean, 0, width) - inside);
    for (let a = 0; a < tops.length; a++) for (let b = 0; b < a; b++) differing += tops[a]![r] === tops[b]![r] ? 0 : 1;
  }
  const pairs = (members.length * (members.length - 1)) / 2;
  const order = Array.from({ length: rows }, (_, i) => i).sort((a, b) => uncertainty[a]! - uncertainty[b]! || a - b);
  const [first, own] = [argmaxRows(ensemble), argmaxRows(distilled)];
  const right = (top: Int32Array, of: readonly number[]): number | null => {
    const labelled = of.filter((i) => labels[i]! >= 0);
    return labelled.length === 0 ? null : labelled.filter((i) => top[i] === labels[i]).length / labelled.length;
  };
  return {
    members: members.length,
    pairwise: pairs === 0 ? 0 : differing / (pairs * rows),
    uncertainty: uncertainty.reduce((a, b) => a + b, 0) / rows,
    groups: Array.from({ length: groups }, (_, g) => {
      const of = order.slice(Math.round((g * rows) / groups), Math.round(((g + 1) * rows) / groups));
      return {
        examples: of.length,
        uncertainty: of.reduce((sum, i) => sum + uncertainty[i]!, 0) / Math.max(1, of.length),
        teacher: right(first, of),
        distilled: right(own, of),
      };
    }),
  };
}
