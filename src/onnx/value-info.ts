import { create } from '@bufbuild/protobuf';
import { type ValueInfoProto, ValueInfoProtoSchema } from 'onnx-buf';
import type { Dim, DType, Shape } from '../graph/type.ts';
import { dtypeCodes } from '../ops/elementwise.ts';

/** As much of a type as is known. */
export interface PartialType {
  readonly dtype: DType | undefined;
  readonly shape: Shape | undefined;
}

/** The declaration of an input, output or value between. */
export const valueInfo = (name: string, { dtype, shape }: PartialType): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    ...(dtype && {
      type: {
        value: {
          case: 'tensorType',
          value: { elemType: dtypeCodes[dtype], ...(shape && { shape: { dim: shape.map(dimension) } }) },
        },
      },
    }),
  });

const dimension = (d: Dim) => ({
  value: typeof d === 'number' ? ({ case: 'dimValue', value: BigInt(d) } as const) : ({ case: 'dimParam', value: d } as const),
});
