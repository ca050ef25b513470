import { constantOf, nodeOf, type Value } from '../../graph/graph.ts';
import { isFloat, type Tensor } from '../../graph/type.ts';

/**
 * The numbers of a value that is the same for every input: a constant, or one in another shape, order of axes or precision, as files
 * have it. Always in float32.
 */
export function fixedNumbers(v: Value | undefined): Tensor | undefined {
  const tensor = constantOf(v);
  if (tensor) return isFloat(tensor.dtype) ? inSinglePrecision(tensor) : undefined;
  const node = v && nodeOf(v);
  const from = node && restating[node.op.onnx] && fixedNumbers(node.inputs[0]);
  return from && restating[node.op.onnx]!(from, v!);
}

type Restated = (from: Tensor, to: Value) => Tensor | undefined;

const restating: Readonly<Record<string, Restated>> = {
  Identity: (from) => from,
  Cast: (from) => from,
  Reshape: (from, { shape }) => (shape.every((d) => typeof d === 'number') ? { ...from, shape } : undefined),
  Transpose: (from) => (from.shape.length === 2 ? transposed(from) : undefined),
};

/** A matrix with rows and columns exchanged. */
export function transposed({ shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as readonly [number, number];
  const from = data as Float32Array;
  const to = Float32Array.from(from, (_, i) => from[(i % rows) * columns + Math.floor(i / rows)]!);
  return { dtype: 'float32', shape: [columns, rows], data: to };
}

function inSinglePrecision(tensor: Tensor): Tensor {
  if (tensor.dtype === 'float32') return tensor;
  const read = numberOf[tensor.dtype] ?? ((x: number) => x);
  return { dtype: 'float32', shape: tensor.shape, data: Float32Array.from(tensor.data as Uint16Array, read) };
}

/** What the bits of a number mean, for types that JavaScript has no array of. Weights are never infinite. */
const numberOf: Readonly<Record<string, (bits: number) => number>> = {
  float16: (bits) => {
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    return bits & 0x8000 ? -size : size;
  },
  bfloat16: (bits) => new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!,
};
