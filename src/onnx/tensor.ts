import { create } from '@bufbuild/protobuf';
import { type TensorProto, TensorProto_DataLocation, TensorProtoSchema } from 'onnx-buf';
import type { Tensor } from '../graph/type.ts';
import { dtypeCodes } from '../ops/elementwise.ts';

/** The memory of a tensor as bytes, shared with it. */
export const bytesOf = ({ data }: Tensor): Uint8Array<ArrayBuffer> =>
  new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);

const header = (t: Tensor, name: string) => ({
  ...(name && { name }),
  dims: t.shape.map(BigInt),
  dataType: dtypeCodes[t.dtype],
});

/** A tensor with its bytes inside the message; the bytes are shared until the message is written. */
export const tensorProto = (t: Tensor, name = ''): TensorProto =>
  create(TensorProtoSchema, { ...header(t, name), rawData: bytesOf(t) });

/** Where the bytes of a tensor are in a file beside the model. */
export interface Placement {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** A tensor whose bytes are elsewhere. */
export const externalTensorProto = (t: Tensor, name: string, { location, offset, length }: Placement): TensorProto =>
  create(TensorProtoSchema, {
    ...header(t, name),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: location },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(length) },
    ],
  });
