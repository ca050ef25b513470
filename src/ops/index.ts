import { activationImports, activationOps } from './activations.ts';
import { channelOps } from './channel.ts';
import { contribImports } from './contrib.ts';
import { convImports, convOps } from './conv.ts';
import type { Import, Op } from './define.ts';
import { einsumImports } from './einsum.ts';
import { elementwiseImports, elementwiseOps } from './elementwise.ts';
import { fusedAttentionImports } from './fused-attention.ts';
import { gatherOps } from './gather.ts';
import { linalgImports, linalgOps } from './linalg.ts';
import { movementImports, movementOps } from './movement.ts';
import { normImports, normOps } from './norm.ts';
import { padOps } from './pad.ts';
import { poolImports, poolOps } from './pool.ts';
import { quantizeOps } from './quantize.ts';
import { reduceImports, reduceOps } from './reduce.ts';
import { resampleOps } from './resample.ts';
import { resizeImports } from './resize.ts';
import { selectImports, selectOps } from './select.ts';
import { shapeImports, shapeOps } from './shape.ts';
import { softmaxOps } from './softmax.ts';

/** The operator table: every entry, in no particular order but for names that two entries share (the first one is read). */
export const operators: readonly Op[] = [
  ...activationOps,
  ...elementwiseOps,
  ...reduceOps,
  ...shapeOps,
  ...linalgOps,
  ...movementOps,
  ...padOps,
  ...gatherOps,
  ...selectOps,
  ...softmaxOps,
  ...channelOps,
  ...convOps,
  ...poolOps,
  ...resampleOps,
  ...normOps,
  ...quantizeOps,
];

/** Operators of files that are written as other entries. */
export const imports: readonly Import[] = [
  ...elementwiseImports,
  ...reduceImports,
  ...shapeImports,
  ...linalgImports,
  ...movementImports,
  ...selectImports,
  ...activationImports,
  ...convImports,
  ...poolImports,
  ...normImports,
  ...resizeImports,
  ...einsumImports,
  ...contribImports,
  ...fusedAttentionImports,
];

const byName = new Map<string, Op | Import>();
for (const entry of [...imports, ...operators]) {
  const name = `${entry.domain}:${entry.onnx}`;
  if (!byName.has(name)) byName.set(name, entry);
}

/** What reads an operator of a file; undefined for one that the table does not know. */
export const findOperator = (onnx: string, domain = ''): Op | Import | undefined =>
  byName.get(`${domain === 'ai.onnx' ? '' : domain}:${onnx}`);

export {
  celu,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  mish,
  prelu,
  quickGelu,
  relu,
  selu,
  silu,
  softplus,
  softsign,
  swish,
  thresholdedRelu,
} from './activations.ts';
export { conv, convTranspose } from './conv.ts';
export { einsum } from './einsum.ts';
export {
  above,
  abs,
  acos,
  acosh,
  add,
  and,
  asin,
  asinh,
  atan,
  atanh,
  atLeast,
  cast,
  ceil,
  cos,
  cosh,
  div,
  equal,
  erf,
  exp,
  floor,
  greater,
  greaterOrEqual,
  identity,
  isInf,
  isNan,
  less,
  lessOrEqual,
  log,
  max,
  min,
  mod,
  mul,
  neg,
  not,
  or,
  pow,
  reciprocal,
  round,
  sigmoid,
  sign,
  sin,
  sinh,
  sqrt,
  stopGradient,
  sub,
  tan,
  tanh,
  xor,
} from './elementwise.ts';
export { argMax, gather, gatherElements, gatherNd, pick, scatterElements, scatterNd, topK } from './gather.ts';
export { linear, matmul } from './linalg.ts';
export { concat, cumSum, flip, insertZeros, slice, split, tile, tril, triu, zeros } from './movement.ts';
export { batchNorm, batchNormTrain, groupNorm, instanceNorm, layerNorm, rmsNorm, runningStatistics } from './norm.ts';
export { pad, padWith } from './pad.ts';
export { averagePool, globalAveragePool, globalMaxPool, maxPool } from './pool.ts';
export { fakeQuantize } from './quantize.ts';
export { logSumExp, mean, reduceMax, reduceMean, reduceMin, reduceSum, sum, variance } from './reduce.ts';
export { blockMean, upsample } from './resample.ts';
export { depthToSpace, spaceToDepth } from './resize.ts';
export { clip, oneHot, where } from './select.ts';
export { expand, flatten, reshape, squeeze, swapLast, transpose, unsqueeze } from './shape.ts';
export { logSoftmax, softmax } from './softmax.ts';
