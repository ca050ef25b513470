import { create, toBinary } from '@bufbuild/protobuf';
import { AttributeProto_AttributeType as As, ModelProtoSchema } from 'onnx-buf';
import type { Tensor } from '../../src/graph/type.ts';
import { tensorProto } from '../../src/onnx/tensor.ts';
import { dtypeCodes } from '../../src/ops/elementwise.ts';

export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | Tensor;

/** A node as a file has it: inputs are fed, constants written into the file, null left out. */
export interface OneNode {
  readonly onnx: string;
  readonly domain?: string;
  readonly opset?: number;
  readonly inputs: readonly (Tensor | { readonly constant: Tensor } | null)[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** How many outputs; one unless told. Null leaves one out. */
  readonly outputs?: readonly (string | null)[];
}

const utf8 = new TextEncoder();

function attribute(name: string, value: Attribute) {
  if (typeof value === 'number') return { name, type: As.INT, i: BigInt(value) };
  if (typeof value === 'string') return { name, type: As.STRING, s: utf8.encode(value) };
  if (Array.isArray(value)) return { name, type: As.INTS, ints: (value as readonly number[]).map(BigInt) };
  if ('float' in value) return { name, type: As.FLOAT, f: value.float };
  if ('floats' in value) return { name, type: As.FLOATS, floats: [...value.floats] };
  return { name, type: As.TENSOR, t: tensorProto(value as Tensor) };
}

/** The bytes of a model of one node; inputs are called x0, x1, ..., outputs y0, y1, ... */
export function oneNode({ onnx, domain = '', opset = 20, inputs, attributes = {}, outputs = ['y0'] }: OneNode): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: BigInt(opset) }, ...(domain === '' ? [] : [{ domain, version: 1n }])],
    graph: {
      name: 'one',
      node: [
        {
          opType: onnx,
          domain,
          name: 'node',
          input: inputs.map((t, i) => (t ? `x${i}` : '')),
          output: outputs.map((name) => name ?? ''),
          attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
        },
      ],
      initializer: inputs.flatMap((t, i) => (t && 'constant' in t ? [tensorProto(t.constant, `x${i}`)] : [])),
      input: inputs.flatMap((t, i) => (t && !('constant' in t) ? [info(`x${i}`, t)] : [])),
      output: outputs.flatMap((name) => (name ? [{ name }] : [])),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

const info = (name: string, t: Tensor) => ({
  name,
  type: {
    value: {
      case: 'tensorType' as const,
      value: {
        elemType: dtypeCodes[t.dtype],
        shape: { dim: t.shape.map((d) => ({ value: { case: 'dimValue' as const, value: BigInt(d) } })) },
      },
    },
  },
});
