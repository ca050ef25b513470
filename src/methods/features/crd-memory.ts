import type { Value } from '../../graph/graph.ts';
import { logNormaliser, noiseContrast, type Scores } from '../../losses/features/contrast.ts';
import { unit } from '../../losses/features/unit.ts';
import { uniformInit, zeros } from '../../models/init.ts';
import { add, cast, floor, min, mul, stopGradient, sub } from '../../ops/elementwise.ts';
import { gather, scatterNd } from '../../ops/gather.ts';
import { matmul } from '../../ops/linalg.ts';
import { reduceSum } from '../../ops/reduce.ts';
import { squeeze, swapLast, unsqueeze } from '../../ops/shape.ts';
import type { Extras } from '../define.ts';

export interface MemoryOptions {
  /** Others per example, K. */
  readonly count: number;
  /** Whether all examples of a batch are scored against the same K. */
  readonly shared: boolean;
  readonly temperature: number;
  /** How much of a remembered embedding stays when its example is seen again. */
  readonly momentum: number;
}

interface Draw {
  readonly own: Value;
  readonly others: Value;
}

/** Products of e [B, D] with remembered rows, [B, K, D] or shared [K, D]. */
const products = (e: Value, rows: Value): Value =>
  rows.rank === 2 ? matmul(e, swapLast(rows)) : squeeze(matmul(rows, unsqueeze(e, [2])), [2]);

/** The embeddings of one side for all examples, kept from step to step; rows of examples that are seen move towards the new ones. */
function memory(extras: Extras, side: string, fresh: Value, own: Value, momentum: number): Value {
  const width = fresh.shape[1] as number;
  const kept = extras.buffer(`${side}.memory`, [extras.examples, width], uniformInit(Math.sqrt(3 / width)));
  const moved = add(mul(gather(kept.value, own), momentum), mul(stopGradient(fresh), 1 - momentum));
  kept.update(scatterNd(kept.value, unsqueeze(own, [1]), unit(moved, [1])));
  return kept.value;
}

/** One side: fresh embeddings against what is remembered of the other side. */
function contrasted(extras: Extras, side: string, e: Value, remembered: Value, draw: Draw, temperature: number): Value {
  const sharp = mul(e, 1 / temperature);
  const scores: Scores = {
    partner: reduceSum(mul(sharp, gather(remembered, draw.own)), [1]),
    others: products(sharp, gather(remembered, draw.others)),
  };
  const kept = extras.buffer(`${side}.normaliser`, [], zeros);
  const first = extras.scalar('first', ({ step }) => Number(step === 0));
  const logZ = add(mul(first, logNormaliser(scores, extras.examples)), mul(sub(1, first), kept.value));
  kept.update(logZ);
  return noiseContrast(scores, logZ, extras.examples);
}

/**
 * Noise-contrastive estimation against a memory of the embeddings of all examples, both ways and summed. Others are drawn evenly from
 * all examples (the paper's product of marginals; the official code for CIFAR leaves out those of the same class). The constants Z
 * are estimated on the first batch and kept, as in the official code.
 *
 * @param student Unit vectors [B, D].
 * @param teacher Unit vectors [B, D].
 * @returns [B].
 */
export function memoryContrast(extras: Extras, student: Value, teacher: Value, options: MemoryOptions): Value {
  const { shared, temperature, momentum } = options;
  const n = extras.examples;
  const count = Math.min(options.count, n);
  const own = extras.indices();
  const uniform = extras.uniform('others', shared ? [count] : [student.shape[0]!, count]);
  // A draw just below 1 may round to n.
  const draw = { own, others: cast(min(floor(mul(uniform, n)), n - 1), 'int64') };
  const [rememberedStudent, rememberedTeacher] = [
    memory(extras, 'student', student, own, momentum),
    memory(extras, 'teacher', teacher, own, momentum),
  ];
  return add(
    contrasted(extras, 'student', student, rememberedTeacher, draw, temperature),
    contrasted(extras, 'teacher', teacher, rememberedStudent, draw, temperature),
  );
}
