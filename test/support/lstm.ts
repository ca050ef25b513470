import { sizeOf, type Tensor, tensor } from '../../src/graph/type.ts';
import { modelFile } from '../onnx/file.ts';

/**
 * A file whose middle layer has no derivative: `first` [inputs, 5], an LSTM with `w` and `r`, `last` [3, outputs]; `x` to `y`. The
 * batch takes the part of time.
 */
export function lstmFile(inputs: number, outputs: number): Uint8Array {
  const some = (...dims: number[]): Tensor =>
    tensor(
      'float32',
      dims,
      Array.from({ length: sizeOf(dims) }, (_, i) => Math.sin(i + dims.length)),
    );
  return modelFile(17, {
    inputs: { x: { dtype: 'float32', shape: ['N', inputs] } },
    constants: {
      first: some(inputs, 5),
      w: some(1, 12, 5),
      r: some(1, 12, 3),
      last: some(3, outputs),
      axis: tensor('int64', [1], [0]),
    },
    nodes: [
      { op: 'MatMul', inputs: ['x', 'first'], outputs: ['a'] },
      { op: 'Unsqueeze', inputs: ['a', 'axis'], outputs: ['b'] },
      { op: 'LSTM', inputs: ['b', 'w', 'r'], outputs: ['', 'c'], attrs: { hidden_size: { kind: 'int', value: 3 } } },
      { op: 'Squeeze', inputs: ['c', 'axis'], outputs: ['d'] },
      { op: 'MatMul', inputs: ['d', 'last'], outputs: ['y'] },
    ],
    outputs: ['y'],
  });
}
