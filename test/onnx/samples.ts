import { isFloat, sizeOf, type Tensor, type TensorType, tensor } from '../../src/graph/type.ts';

/** Numbers between -1 and 1, or small integers. */
export function sampleOf({ dtype, shape }: TensorType): Tensor {
  const values = Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 12.9898 + 1));
  const shown = isFloat(dtype) ? values : values.map((x) => Math.floor(Math.abs(x) * 7));
  return tensor(dtype, shape as readonly number[], dtype === 'float16' ? shown.map(toHalf) : shown);
}

const toHalf = (x: number): number => {
  if (Math.abs(x) < 2 ** -14) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(x)));
  return (x < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | Math.floor((Math.abs(x) / 2 ** exponent - 1) * 1024);
};

const fromHalf = (bits: number): number => {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
};

export const numbersOf = ({ dtype, data }: Tensor): readonly number[] => {
  const list = Array.from(data as ArrayLike<number | bigint>, Number);
  return dtype === 'float16' ? list.map(fromHalf) : list;
};
