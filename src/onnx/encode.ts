import { create, toBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema, type TensorProto } from 'onnx-buf';
import type { Graph, Node } from '../graph/graph.ts';
import { isFloat, type Tensor } from '../graph/type.ts';
import { graphProto } from './graph-proto.ts';
import { bytesOf, externalTensorProto, tensorProto } from './tensor.ts';
import { refuseTooLarge } from './too-large.ts';

export interface EncodeOptions {
  /**
   * Version of the standard operators that is written; 20 unless told. Entries write the forms of 20 and 21; an older one is for
   * graphs with foreign subgraphs, which stay as their file has them.
   */
  readonly opset?: number;
  /** Name of the graph in the file. */
  readonly name?: string;
  /** Nodes in the order of the file; it must hold every node that the outputs need. Creation order unless told. */
  readonly order?: readonly Node[];
  /** Entries of `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Versions of further operator domains that foreign nodes use; 1 unless told. */
  readonly domains?: Readonly<Record<string, number>>;
}

export interface ExternalOptions extends EncodeOptions {
  /** Name of the weights file beside the model, as the model refers to it. */
  readonly location: string;
  /** Constants of at least this many bytes leave the model; 1024 unless told. */
  readonly threshold?: number;
}

/** IR version that came with each opset. */
export const irVersions = { 20: 9n, 21: 10n } as const;
const irVersionOf = (opset: number): bigint => irVersions[opset as keyof typeof irVersions] ?? 8n;

/**
 * Writes what the outputs of a graph need as an ONNX file, weights included; equal graphs give equal bytes.
 *
 * @throws Error `internal:` for operators of Potstill's own domain, which have to be lowered first.
 */
export function encode(graph: Graph, options: EncodeOptions = {}): Uint8Array<ArrayBuffer> {
  return written(modelProto(graph, options, tensorProto));
}

/** The memory map of a file begins at multiples of a page. */
const pageBytes = 4096;

/**
 * Writes the same as `encode` with the large constants apart.
 *
 * @returns `data`: the weights file in pieces, to be written one after the other; pieces share memory with the constants.
 */
export function encodeExternal(
  graph: Graph,
  options: ExternalOptions,
): { readonly model: Uint8Array<ArrayBuffer>; readonly data: readonly Uint8Array<ArrayBuffer>[] } {
  const { location, threshold = 1024 } = options;
  const data: Uint8Array<ArrayBuffer>[] = [];
  let end = 0;
  const place = (t: Tensor, name: string): TensorProto => {
    const length = t.data.byteLength;
    // Shape inference reads axes and sizes, and only from inside the model.
    if (length < (isFloat(t.dtype) ? Math.max(threshold, 1) : pageBytes)) return tensorProto(t, name);
    const offset = length < pageBytes ? end : Math.ceil(end / pageBytes) * pageBytes;
    if (offset > end) data.push(new Uint8Array(offset - end));
    data.push(bytesOf(t));
    end = offset + length;
    return externalTensorProto(t, name, { location, offset, length });
  };
  return { model: written(modelProto(graph, options, place)), data };
}

function written(model: ModelProto): Uint8Array<ArrayBuffer> {
  refuseTooLarge(model, `the graph '${model.graph?.name}'`);
  return toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>;
}

function modelProto(graph: Graph, options: EncodeOptions, place: (t: Tensor, name: string) => TensorProto): ModelProto {
  const opset = options.opset ?? 20;
  const { proto, domains } = graphProto(graph, { name: options.name ?? 'main', order: options.order, place });
  return create(ModelProtoSchema, {
    irVersion: irVersionOf(opset),
    producerName: 'potstill',
    opsetImport: [
      { domain: '', version: BigInt(opset) },
      ...[...domains].sort().map((domain) => ({ domain, version: BigInt(options.domains?.[domain] ?? 1) })),
    ],
    graph: proto,
    metadataProps: Object.entries(options.metadata ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, value })),
  });
}
