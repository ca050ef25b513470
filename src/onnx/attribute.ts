import { create } from '@bufbuild/protobuf';
import { AttributeProto_AttributeType as As, type AttributeProto, AttributeProtoSchema } from 'onnx-buf';
import type { Attrs } from '../graph/graph.ts';
import type { Tensor } from '../graph/type.ts';
import type { AttrKind, EmittedAttr, OpSpec } from '../ops/define.ts';
import { tensorProto } from './tensor.ts';

const utf8 = new TextEncoder();

type Fields = Parameters<typeof create<typeof AttributeProtoSchema>>[1];

const writers: { readonly [K in AttrKind]: (value: never) => Fields } = {
  int: (value: number | bigint) => ({ type: As.INT, i: BigInt(value) }),
  float: (value: number) => ({ type: As.FLOAT, f: value }),
  string: (value: string) => ({ type: As.STRING, s: utf8.encode(value) }),
  ints: (value: readonly (number | bigint)[]) => ({ type: As.INTS, ints: value.map(BigInt) }),
  floats: (value: readonly number[]) => ({ type: As.FLOATS, floats: [...value] }),
  strings: (value: readonly string[]) => ({ type: As.STRINGS, strings: value.map((s) => utf8.encode(s)) }),
  tensor: (value: Tensor) => ({ type: As.TENSOR, t: tensorProto(value) }),
};

/** An attribute as it stands in a file. Integers may be bigints, which hold all that the format can say. */
export interface WrittenAttr {
  readonly kind: AttrKind;
  readonly value: EmittedAttr['value'] | bigint | readonly bigint[];
}

export const attributeProto = (name: string, { kind, value }: WrittenAttr): AttributeProto =>
  create(AttributeProtoSchema, { name, ...writers[kind](value as never) });

/** The attributes of a node as its entry's table says, without those that have the value a reader assumes anyway. */
export function tabled(table: OpSpec<Attrs>['attributes'], attrs: Attrs): Record<string, EmittedAttr> {
  const written: Record<string, EmittedAttr> = {};
  for (const [name, [kind, otherwise]] of Object.entries(table ?? {}) as [string, readonly [AttrKind, unknown?]][]) {
    const value = attrs[name];
    if (value === undefined || same(value, otherwise)) continue;
    written[name] = { kind, value: (typeof value === 'boolean' ? Number(value) : value) as EmittedAttr['value'] };
  }
  return written;
}

const same = (a: unknown, b: unknown): boolean =>
  Object.is(a, b) || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((x, i) => x === b[i]));
