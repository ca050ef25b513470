import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, StringStringEntryProtoSchema, type TensorProto, TensorProto_DataLocation } from 'onnx-buf';
import { sameShape, showShape, type Tensor } from '../graph/type.ts';
import { type ReadExternal, tensorReader } from './decode-tensor.ts';
import { OnnxError } from './error.ts';
import { tensorProto } from './tensor.ts';
import { eachTensor, refuseTooLarge } from './too-large.ts';

export interface WeightsFile {
  /** What it is called in messages. */
  readonly source: string;
  readonly bytes: Uint8Array;
  readonly readExternal?: ReadExternal;
}

/**
 * An ONNX file with other numbers in its initializers and Constant nodes, and everything else as it is: nodes, inputs, outputs, open
 * sizes, metadata. Weights that lie in other files come into this one.
 *
 * @param weights By the file's names.
 * @param metadata Entries to add, or to replace.
 * @throws OnnxError `unsupported` if the file would be larger than 2 GB, `damaged` if it has no tensor of a name and shape.
 */
export function withWeights(
  file: WeightsFile,
  weights: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { source, bytes, readExternal } = file;
  const model = fromBinary(ModelProtoSchema, bytes);
  const read = tensorReader(source, readExternal);
  const left = new Set(weights.keys());
  const put = (proto: TensorProto, name: string): void => {
    const replaced = weights.get(name);
    const external = proto.dataLocation === TensorProto_DataLocation.EXTERNAL;
    if (!replaced && !external) return;
    const shape = proto.dims.map(Number);
    if (replaced && !sameShape(replaced.shape, shape)) {
      throw new OnnxError(
        'damaged',
        `${source}: '${name}' is ${showShape(shape)}; ${showShape(replaced.shape)} was to be written there`,
      );
    }
    left.delete(name);
    // The contents are only looked at here: copying happens once, when everything is known to fit.
    const { rawData, dataType } = tensorProto(replaced ?? read(proto, name), proto.name);
    Object.assign(proto, { rawData, dataType, dataLocation: TensorProto_DataLocation.DEFAULT, externalData: [], ...emptyFields });
  };
  const graph = model.graph;
  if (graph) eachTensor(graph, put);
  const [missing] = left;
  if (missing !== undefined) throw new OnnxError('damaged', `${source}: it has no weights called '${missing}' to be replaced`);
  const kept = model.metadataProps.filter(({ key }) => !(key in metadata));
  const added = Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
  model.metadataProps = [...kept, ...added];
  refuseTooLarge(model, source);
  return toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>;
}

/** Fields that older files keep numbers in. */
const emptyFields = { floatData: [], int32Data: [], int64Data: [], doubleData: [], uint64Data: [], stringData: [] };
