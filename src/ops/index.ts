import { activationImports, activationOps } from './activations.ts';
import { contribImports } from './contrib.ts';
import { convImports, convOps } from './conv.ts';
import type { Import, Op } from './define.ts';
import { einsumImports } from './einsum.ts';
import { elementwiseImports, elementwiseOps } from './elementwise.ts';
import { gatherOps } from './gather.ts';
import { linalgImports, linalgOps } from './linalg.ts';
import { movementImports, movementOps } from './movement.ts';
import { normImports, normOps } from './norm.ts';
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
  ...gatherOps,
  ...selectOps,
  ...softmaxOps,
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
];

const byName = new Map<string, Op | Import>();
for (const entry of [...imports, ...operators]) {
  const name = `${entry.domain}:${entry.onnx}`;
  if (!byName.has(name)) byName.set(name, entry);
}

/** What reads an operator of a file; undefined for one that the table does not know. */
export const findOperator = (onnx: string, domain = ''): Op | Import | undefined =>
  byName.get(`${domain === 'ai.onnx' ? '' : domain}:${onnx}`);
