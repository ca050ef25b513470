/** Element types of ONNX that Potstill reads; training graphs use float32, gradient checks float64. */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint64'
  | 'uint32'
  | 'uint16'
  | 'uint8'
  | 'bool'
  | 'string';

/** A size, or the name of a size that is known only when the graph runs (`'N'` equals itself and nothing else). */
export type Dim = number | string;
export type Shape = readonly Dim[];

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export type TensorData =
  | Float32Array
  | Float64Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | Int8Array
  | Uint8Array
  | BigInt64Array
  | BigUint64Array;

/** A value in memory. float16 and bfloat16 are raw bits in a Uint16Array, bool is one byte (0 or 1) an element. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

interface ArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): TensorData;
  new (buffer: ArrayBufferLike, offset?: number, length?: number): TensorData;
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint64: BigUint64Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  string: Uint8Array,
} as const satisfies Record<DType, unknown>;

/** The typed array that holds elements of a dtype. */
export const arrayOf = (dtype: DType): ArrayClass => arrays[dtype] as unknown as ArrayClass;

const floats: ReadonlySet<DType> = new Set(['float32', 'float64', 'float16', 'bfloat16']);

/** Whether gradients can flow through values of this dtype. */
export const isFloat = (dtype: DType): boolean => floats.has(dtype);

/** Number of elements; throws on a named dimension. */
export function sizeOf(shape: Shape): number {
  return staticShape(shape).reduce((a, b) => a * b, 1);
}

/** The shape as numbers; throws if a dimension is only a name. */
export function staticShape(shape: Shape): readonly number[] {
  for (const d of shape) {
    if (typeof d !== 'number') throw new Error(`internal: the dimension '${d}' of ${showShape(shape)} has no size here`);
  }
  return shape as readonly number[];
}

export const showShape = (shape: Shape): string => `[${shape.join(',')}]`;
export const showType = ({ dtype, shape }: TensorType): string => `${dtype}${showShape(shape)}`;

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** A tensor of one dtype from numbers: the form for small constants. */
export function tensor(dtype: DType, shape: readonly number[], values: Iterable<number> | ArrayLike<number>): Tensor {
  const list = Array.from(values as ArrayLike<number>);
  if (list.length !== sizeOf(shape)) {
    throw new Error(`internal: ${list.length} values for ${showShape(shape)}`);
  }
  const data = new (arrayOf(dtype))(list.length);
  const big = dtype === 'int64' || dtype === 'uint64';
  for (let i = 0; i < list.length; i++) (data as unknown as (number | bigint)[])[i] = big ? BigInt(list[i]!) : list[i]!;
  return { dtype, shape, data };
}

/** A rank-0 int64: counts and positions. */
export const int64Type: TensorType = { dtype: 'int64', shape: [] };
