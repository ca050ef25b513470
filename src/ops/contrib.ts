import type { Value } from '../graph/graph.ts';
import { type Import, type NodeReader, Unreadable } from './define.ts';
import { add } from './elementwise.ts';
import { LayerNormalization, rmsNorm } from './norm.ts';

const microsoft = 'com.microsoft';

const optional = (r: NodeReader, at: number): Value | undefined => r.inputs[at];

/** The sum of a value, its shortcut and a bias, then normalised; the sum is the last output. */
const skipLayerNorm = (r: NodeReader): readonly Value[] => {
  const [gamma, beta, bias] = [r.input(2), optional(r, 3), optional(r, 4)];
  const summed = add(r.input(0), r.input(1));
  const x = bias ? add(summed, bias) : summed;
  return [...LayerNormalization.all([x, gamma, beta], { axis: x.rank - 1, epsilon: r.float('epsilon', 1e-12) }), x];
};

const skipRmsNorm = (r: NodeReader): readonly Value[] => {
  if (r.outputs > 1 && r.outputs < 4) throw new Unreadable('its statistics are used');
  const bias = optional(r, 3);
  const summed = add(r.input(0), r.input(1));
  const x = bias ? add(summed, bias) : summed;
  const y = rmsNorm(x, r.input(2), { epsilon: r.float('epsilon', 1e-12) });
  return [y, y, y, x];
};

/** Operators that Potstill reads but has no derivative for, and why. */
const withoutDerivative: Readonly<Record<string, string>> = {
  LSTM: 'recurrent layers are not unrolled; freeze what lies before it, or take a student of another kind',
  GRU: 'recurrent layers are not unrolled; freeze what lies before it, or take a student of another kind',
  RNN: 'recurrent layers are not unrolled; freeze what lies before it, or take a student of another kind',
  DynamicQuantizeLinear: 'its range depends on the data; use QuantizeLinear and DequantizeLinear',
  QLinearConv: 'it computes with integers; use the QuantizeLinear/DequantizeLinear form',
  QLinearMatMul: 'it computes with integers; use the QuantizeLinear/DequantizeLinear form',
  ConvInteger: 'it computes with integers',
  MatMulInteger: 'it computes with integers',
  Loop: 'loops are not differentiated',
  Scan: 'loops are not differentiated',
  If: 'branches are not differentiated',
};

const refused = ([onnx, why]: readonly [string, string]): Import => ({
  onnx,
  domain: '',
  read: () => {
    throw new Unreadable(why);
  },
});

export const contribImports: readonly Import[] = [
  { onnx: 'SkipLayerNormalization', domain: microsoft, read: skipLayerNorm },
  { onnx: 'SkipSimplifiedLayerNormalization', domain: microsoft, read: skipRmsNorm },
  ...Object.entries(withoutDerivative).map(refused),
];
