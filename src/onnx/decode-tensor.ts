import { TensorProto_DataType as Code, type TensorProto, TensorProto_DataLocation } from 'onnx-buf';
import { arrayOf, type DType, type Tensor, type TensorData } from '../graph/type.ts';
import { dtypeCodes } from '../ops/elementwise.ts';
import { OnnxError } from './error.ts';

/** Gives the bytes of a file beside the model; it has to refuse what lies outside of the model's folder. */
export type ReadExternal = (location: string) => Uint8Array;

const byCode = new Map<number, DType>(Object.entries(dtypeCodes).map(([dtype, code]) => [code, dtype as DType]));

/** The element type behind ONNX's code, or undefined for one that Potstill has no arrays for. */
export const dtypeOf = (code: number): DType | undefined => byCode.get(code);

export type TensorReader = (proto: TensorProto, where: string) => Tensor;

/**
 * Reads tensors of one model. Bytes are shared with the file where their address allows it.
 *
 * @param source The model, for messages.
 */
export function tensorReader(source: string, readExternal: ReadExternal | undefined): TensorReader {
  const files = new Map<string, Uint8Array>();
  let copied = 0;

  const external = (proto: TensorProto, where: string, wanted: number): Uint8Array => {
    const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
    const location = entries.get('location') ?? '';
    refuseOutside(location, where);
    const file = files.get(location) ?? open(location, where);
    files.set(location, file);
    const offset = natural(entries.get('offset') ?? '0', where, 'offset');
    const length = natural(entries.get('length') ?? String(wanted), where, 'length');
    if (offset + length > file.byteLength) {
      throw new OnnxError(
        'external-data',
        `${where}: bytes ${offset} to ${offset + length} of '${location}', which has ${file.byteLength}; the file is cut off or belongs to another model; copy it again`,
      );
    }
    return file.subarray(offset, offset + length);
  };

  const open = (location: string, where: string): Uint8Array => {
    if (!readExternal) {
      throw new OnnxError('external-data', `${where}: its weights are in the file '${location}'; load the model from its folder`);
    }
    try {
      return readExternal(location);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new OnnxError('external-data', `${where}: the weights file '${location}' cannot be read: ${reason}`, error);
    }
  };

  /** A view where the address is a multiple of the element size, else a copy. */
  const viewed = (bytes: Uint8Array, dtype: DType, count: number, where: string): TensorData => {
    const array = arrayOf(dtype);
    if (bytes.byteOffset % array.BYTES_PER_ELEMENT === 0) return new array(bytes.buffer, bytes.byteOffset, count);
    copied += bytes.byteLength;
    const held = [...files.values()].reduce((sum, f) => sum + f.byteLength, 0);
    if (files.size > 0 && copied > copyAllowance + 4 * held) {
      throw new OnnxError(
        'damaged',
        `${where}: tensors overlap in the weights file many times over; expected one place for each`,
      );
    }
    const own = new Uint8Array(bytes);
    return new array(own.buffer, 0, count);
  };

  return (proto, name) => {
    const where = `${source}: tensor '${name || '(unnamed)'}'`;
    const dtype = dtypeOf(proto.dataType);
    if (!dtype || dtype === 'string') {
      throw new OnnxError(
        'unsupported',
        `${where}: elements of type ${Code[proto.dataType] ?? proto.dataType}; expected numbers of at least 8 bits or truth values`,
      );
    }
    if (proto.segment)
      throw new OnnxError('unsupported', `${where}: it is stored in segments; save the model again in one piece`);
    const shape = proto.dims.map(Number);
    const count = elements(shape, where);
    const wanted = count * arrayOf(dtype).BYTES_PER_ELEMENT;
    const isExternal = proto.dataLocation === TensorProto_DataLocation.EXTERNAL;
    const bytes = isExternal ? external(proto, where, wanted) : proto.rawData;
    if (isExternal || bytes.byteLength > 0) {
      if (bytes.byteLength !== wanted) throw mismatch(where, dtype, shape, `${wanted} bytes`, `${bytes.byteLength}`);
      return { dtype, shape, data: viewed(bytes, dtype, count, where) };
    }
    const list = typedField(proto, dtype);
    if (list.length !== count) throw mismatch(where, dtype, shape, `${count} elements`, `${list.length}`);
    const data = new (arrayOf(dtype))(count);
    // The fields hold bigints exactly for the dtypes whose arrays do.
    for (let i = 0; i < count; i++) (data as unknown as (number | bigint)[])[i] = list[i]!;
    return { dtype, shape, data };
  };
}

/** Copies of misaligned tensors beyond a few times the weights file can only come from overlapping ones. */
const copyAllowance = 1 << 26;

const fields: Partial<Record<DType, (p: TensorProto) => readonly (number | bigint)[]>> = {
  float32: (p) => p.floatData,
  float64: (p) => p.doubleData,
  int64: (p) => p.int64Data,
  uint64: (p) => p.uint64Data,
  uint32: (p) => p.uint64Data.map(Number),
};
/** Where a dtype is when it is not in `raw_data`; everything small shares `int32_data`. */
const typedField = (proto: TensorProto, dtype: DType): readonly (number | bigint)[] =>
  (fields[dtype] ?? ((p: TensorProto) => p.int32Data))(proto);

/** Number of elements; sizes that no memory can hold are refused before anything is allocated. */
function elements(shape: readonly number[], where: string): number {
  const count = shape.reduce((a, b) => a * b, 1);
  if (shape.some((d) => d < 0) || !Number.isSafeInteger(count)) {
    throw new OnnxError('damaged', `${where}: its shape is [${shape.join(',')}]; expected sizes that fit into memory`);
  }
  return count;
}

const mismatch = (where: string, dtype: DType, shape: readonly number[], wanted: string, found: string): OnnxError =>
  new OnnxError(
    'damaged',
    `${where}: ${dtype}[${shape.join(',')}] needs ${wanted}, the file has ${found}; it is damaged or cut off; download it again`,
  );

/** Refuses locations that leave the folder by their spelling; links are the business of whoever opens the file. */
function refuseOutside(location: string, where: string): void {
  const parts = location.split(/[\\/]/);
  const leaves = location === '' || location.includes('\0') || /^([\\/]|[A-Za-z]:)/.test(location) || parts.includes('..');
  if (leaves) {
    throw new OnnxError(
      'external-data',
      `${where}: its weights are said to be in '${location.slice(0, 200)}'; expected a file in the folder of the model; do not trust this model`,
    );
  }
}

function natural(text: string, where: string, what: string): number {
  const n = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(n)) {
    throw new OnnxError(
      'external-data',
      `${where}: the ${what} of its weights is '${text.slice(0, 40)}'; expected a whole number of bytes`,
    );
  }
  return n;
}
