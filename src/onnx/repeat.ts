import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type ValueInfoProto,
} from 'onnx-buf';
import { type Graph, inputName } from '../graph/graph.ts';
import { type Dim, int64Type, type TensorType } from '../graph/type.ts';
import { irVersions } from './encode.ts';
import { graphProto } from './graph-proto.ts';
import { tensorProto } from './tensor.ts';
import { valueInfo } from './value-info.ts';

/** What of a graph is carried from one repetition to the next; every other output is kept from each. */
export interface Carried {
  readonly input: string;
  readonly output: string;
}

/** Names in the file that `encodeRepeated` writes. */
export const repeated = {
  /** int64 [], how often the graph runs. */
  times: 'times',
  /** The values of an input for all repetitions, along a new first axis. */
  each: (input: string): string => `each.${input}`,
  /** A carried value before the first and after the last repetition. */
  before: (input: string): string => `before.${input}`,
  after: (input: string): string => `after.${input}`,
  /** The values of an output in all repetitions, along a new first axis. */
  all: (output: string): string => `all.${output}`,
};

/**
 * Writes a graph that runs several times in one call: an ONNX Loop around it. State stays inside of the engine between the
 * repetitions, and the cost of a call is paid once.
 *
 * @param fixed Inputs that are the same in all repetitions, fed under their names as carried ones are; all others are new in each.
 */
export function encodeRepeated(
  graph: Graph,
  carried: readonly Carried[],
  fixed: readonly string[] = [],
): Uint8Array<ArrayBuffer> {
  const { proto: body, domains } = graphProto(graph, { name: 'step', order: undefined, place: tensorProto });
  const types = new Map(graph.inputs.map((v) => [inputName(v)!, v.type]));
  const outputs = new Map([...graph.outputs].map(([name, v]) => [name, v.type]));
  const stays = new Set([...carried.map((c) => c.input), ...fixed]);
  const fresh = [...types.keys()].filter((name) => !stays.has(name));
  const kept = [...outputs.keys()].filter((name) => !carried.some((c) => c.output === name));
  const named = (name: string, type: TensorType, lead: readonly Dim[] = []): ValueInfoProto =>
    valueInfo(name, { dtype: type.dtype, shape: [...lead, ...type.shape] });

  turnIntoBody(body, { carried, fresh, kept });
  const loop = create(NodeProtoSchema, {
    name: 'repeat',
    opType: 'Loop',
    input: [repeated.times, '', ...carried.map((c) => repeated.before(c.input))],
    output: [...carried.map((c) => repeated.after(c.input)), ...kept.map(repeated.all)],
    attribute: [{ name: 'body', type: AttributeProto_AttributeType.GRAPH, g: body }],
  });
  const model = create(ModelProtoSchema, {
    irVersion: irVersions[20],
    producerName: 'potstill',
    opsetImport: [{ domain: '', version: 20n }, ...[...domains].sort().map((domain) => ({ domain, version: 1n }))],
    graph: create(GraphProtoSchema, {
      name: 'repeated',
      // What the body takes from around it has to have the body's name for it there.
      node: [
        ...fixed.map((name) =>
          create(NodeProtoSchema, { name: `keep ${name}`, opType: 'Identity', input: [repeated.before(name)], output: [name] }),
        ),
        loop,
      ],
      input: [
        valueInfo(repeated.times, int64Type),
        ...fresh.map((name) => named(repeated.each(name), types.get(name)!, ['times'])),
        ...[...carried.map((c) => c.input), ...fixed].map((name) => named(repeated.before(name), types.get(name)!)),
      ],
      output: [
        ...carried.map((c) => named(repeated.after(c.input), types.get(c.input)!)),
        ...kept.map((name) => named(repeated.all(name), outputs.get(name)!, ['times'])),
      ],
    }),
  });
  return toBinary(ModelProtoSchema, model) as Uint8Array<ArrayBuffer>;
}

interface Roles {
  readonly carried: readonly Carried[];
  readonly fresh: readonly string[];
  readonly kept: readonly string[];
}

/** Gives a graph the signature of a Loop body: (repetition, condition, carried…) to (condition, carried…, kept…). */
function turnIntoBody(body: GraphProto, { carried, fresh, kept }: Roles): void {
  const inputs = new Map(body.input.map((v) => [v.name, v]));
  const outputs = new Map(body.output.map((v) => [v.name, v]));
  const picked = fresh.map((name) =>
    create(NodeProtoSchema, {
      name: `pick ${name}`,
      opType: 'Gather',
      input: [repeated.each(name), 'repetition'],
      output: [name],
    }),
  );
  const goOn = create(NodeProtoSchema, { name: 'go on', opType: 'Identity', input: ['condition'], output: ['condition.next'] });
  body.node = [...picked, ...body.node, goOn];
  body.input = [
    valueInfo('repetition', int64Type),
    valueInfo('condition', { dtype: 'bool', shape: [] }),
    ...carried.map((c) => inputs.get(c.input)!),
  ];
  body.output = [
    valueInfo('condition.next', { dtype: 'bool', shape: [] }),
    ...carried.map((c) => outputs.get(c.output)!),
    ...kept.map((name) => outputs.get(name)!),
  ];
}
