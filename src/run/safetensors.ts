import { arrayOf, type DType, sizeOf, type Tensor } from '../graph/type.ts';
import { FileError } from './files.ts';

const codes = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint64: 'U64',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
} as const satisfies Partial<Record<DType, string>>;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** The header may not be larger than this (the format's own limit). */
const largestHeader = 100_000_000;

/** Tensors in the safetensors format (huggingface/safetensors): a JSON header behind its length, then the bytes in the order of names. */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, Entry | Readonly<Record<string, string>>> = {};
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  const names = Object.keys(tensors).sort();
  let offset = 0;
  for (const name of names) {
    const { dtype, shape, data } = tensors[name]!;
    const code = codes[dtype as keyof typeof codes];
    if (!code) throw new Error(`internal: safetensors has no ${dtype} (${name})`);
    header[name] = { dtype: code, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces fill the header up, so that the data starts at a multiple of 8.
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + offset).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const name of names) {
    const { data } = tensors[name]!;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** A safetensors file as it is read. */
interface Opened {
  readonly entries: Readonly<Record<string, unknown>>;
  /** Where the data begins. */
  readonly start: number;
  readonly bad: (why: string) => FileError;
}

function opened(bytes: Uint8Array, where: string): Opened {
  const bad = (why: string): FileError => new FileError(`${where}: not a safetensors file (${why})`, 'user');
  if (bytes.length < 8) throw bad(`${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > largestHeader || 8 + length > bytes.length) throw bad(`a header of ${length} bytes in ${bytes.length}`);
  let entries: unknown;
  try {
    entries = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw bad('its header is not JSON');
  }
  if (!isRecord(entries)) throw bad('its header is not a JSON object');
  return { entries, start: 8 + length, bad };
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null && !Array.isArray(x);
const areSizes = (x: unknown): x is readonly number[] => Array.isArray(x) && x.every((d) => Number.isSafeInteger(d) && d >= 0);

/**
 * Tensors of a safetensors file, copied out.
 * @throws FileError when the bytes are not such a file.
 */
export function readSafetensors(bytes: Uint8Array, where: string): Record<string, Tensor> {
  const { entries, start, bad } = opened(bytes, where);
  const out: Record<string, Tensor> = {};
  for (const [name, entry] of Object.entries(entries)) {
    if (name === '__metadata__') continue;
    const { dtype: code, shape, data_offsets: offsets } = isRecord(entry) ? (entry as Partial<Entry>) : {};
    const dtype = (Object.keys(codes) as (keyof typeof codes)[]).find((d) => codes[d] === code);
    if (!dtype) throw bad(`${name} has the element type ${String(code)}`);
    if (!areSizes(shape) || !areSizes(offsets) || offsets.length !== 2) throw bad(`${name} has no shape and place`);
    const [from, to] = offsets as readonly [number, number];
    const array = arrayOf(dtype);
    const count = sizeOf(shape);
    if (!(to - from === count * array.BYTES_PER_ELEMENT && start + to <= bytes.length)) {
      throw bad(`${name} lies outside of the file`);
    }
    // Of a Buffer, `slice` would give a view.
    const part = Uint8Array.prototype.slice.call(bytes, start + from, start + to);
    out[name] = { dtype, shape, data: new array(part.buffer, 0, count) };
  }
  return out;
}

/**
 * What a safetensors file says beside its tensors; nothing where it says nothing.
 * @throws FileError when the bytes are not such a file.
 */
export function readSafetensorsMetadata(bytes: Uint8Array, where: string): Readonly<Record<string, string>> {
  const { entries, bad } = opened(bytes, where);
  const found = entries.__metadata__ ?? {};
  if (isRecord(found) && Object.values(found).every((value) => typeof value === 'string')) {
    return found as Readonly<Record<string, string>>;
  }
  throw bad('its metadata are not texts by name');
}
