import { readModel } from '../../onnx/decode.ts';
import type { ModelNode } from '../../onnx/model.ts';
import { resultOf } from '../node.ts';
import type { Chosen } from './plan.ts';

/** Kernels of the engine that compute in 8 bits. */
const kernels: ReadonlySet<string> = new Set([
  'QLinearConv',
  'QLinearMatMul',
  'MatMulIntegerToFloat',
  'QGemm',
  'QLinearAdd',
  'QLinearConcat',
  'QLinearAveragePool',
  'QLinearGlobalAveragePool',
]);

/** What the engine makes of a product and the bias behind it. */
const gemms: ReadonlySet<string> = new Set(['Gemm', 'FusedGemm']);

/** What the engine puts behind the name of a node that it rewrites. */
const marks = /(_token_\d+|\/MatMulAddFusion)+$/;

export interface Unfused {
  readonly chosen: Chosen;
  /** Whether the engine made one Gemm of the product and the bias behind it, whose 8-bit form wants a bias of 32 bits. */
  readonly joined: boolean;
  readonly reason: string;
}

/**
 * Looks at what the engine made of a quantised file, and finds the nodes that it computes in float32 all the same.
 *
 * @param optimised The file as the engine rewrote it.
 */
export function unfusedIn(optimised: Uint8Array, chosen: readonly Chosen[]): readonly Unfused[] {
  const { nodes } = readModel(optimised, { source: 'the optimised model' }).graph;
  const byName = new Map([
    ...nodes.map((n) => [n.name.replace(marks, ''), n] as const),
    ...nodes.map((n) => [n.name, n] as const),
  ]);
  const makers = new Map(nodes.flatMap((n) => n.outputs.map((name) => [name, n] as const)));
  const readers = new Map(nodes.flatMap((n) => n.inputs.map((name) => [name, n] as const)));
  const reader = (name: string): ModelNode | undefined => {
    const next = readers.get(name);
    return next?.op === 'DequantizeLinear' ? readers.get(resultOf(next)) : next;
  };
  const now = ({ node }: Chosen): ModelNode | undefined => byName.get(node.name) ?? reader(`${resultOf(node)}.weight.quantised`);

  return chosen.flatMap((c): readonly Unfused[] => {
    const found = now(c);
    if (c.form.result === 'input') {
      // What only moves values may also be merged with its neighbours or disappear.
      const converts = found && makers.get(found.inputs[0]!)?.op === 'DequantizeLinear';
      return converts ? [{ chosen: c, joined: false, reason: `the engine converts to float32 for ${found.op}` }] : [];
    }
    if (found && kernels.has(found.op)) return [];
    const reason = found ? `the engine computes it as ${found.op}` : 'the engine has no node of its name';
    return [{ chosen: c, joined: gemms.has(found?.op ?? '') && c.node.op === 'MatMul', reason }];
  });
}
