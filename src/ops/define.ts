import { GraphError } from '../graph/error.ts';
import { type Attrs, constantOf, type Graph, type Node, type Operator, type Value } from '../graph/graph.ts';
import { arrayOf, showType, type Tensor, type TensorType } from '../graph/type.ts';

/** What a rule sees of the node it belongs to. */
export interface Applied<A extends Attrs = Attrs> {
  readonly inputs: readonly Value[];
  readonly attrs: A;
  readonly outputs: readonly Value[];
  /** Cotangents of all outputs; undefined where the loss does not use an output. */
  readonly grads: readonly (Value | undefined)[];
}

/**
 * The derivative of an operator: a rule that maps the cotangent of the (first) output to one cotangent per input (null: none),
 * or the reason why there is none. `stops`: constant almost everywhere, nothing flows on. `unsupported`: a derivative exists
 * and Potstill has none; an error if a gradient has to pass.
 */
export type Derivative<A extends Attrs> =
  | ((g: Value, node: Applied<A>) => readonly (Value | null | undefined)[])
  | { readonly stops: string }
  | { readonly unsupported: string };

/** How an attribute is written in ONNX. */
export type AttrKind = 'int' | 'float' | 'string' | 'ints' | 'floats' | 'strings' | 'tensor';

/** Writes ONNX nodes; names in, names out. '' stands for an absent optional input. */
export interface Emitter {
  node(
    op: string,
    inputs: readonly string[],
    attrs: Readonly<Record<string, EmittedAttr>>,
    outputs: readonly string[],
    domain?: string,
  ): void;
  constant(t: Tensor): string;
  /** A name that nothing else has, for a value between emitted nodes. */
  fresh(): string;
}
export type EmittedAttr = {
  readonly kind: AttrKind;
  readonly value: number | string | readonly number[] | readonly string[] | Tensor;
};

/** An imported node as its reader sees it; every accessor throws `Unreadable` where the file has something else. */
export interface NodeReader {
  readonly graph: Graph;
  readonly onnx: string;
  readonly opset: number;
  readonly inputs: readonly (Value | undefined)[];
  /** How many outputs the node declares; a trailing output nobody names is not counted. */
  readonly outputs: number;
  /** What an engine says the first output is, where one was asked. */
  readonly result: TensorType | undefined;
  has(attr: string): boolean;
  int(attr: string, otherwise?: number): number;
  float(attr: string, otherwise?: number): number;
  string(attr: string, otherwise?: string): string;
  ints(attr: string, otherwise?: readonly number[]): readonly number[];
  floats(attr: string, otherwise?: readonly number[]): readonly number[];
  tensor(attr: string): Tensor;
  /** The required input at a position. */
  input(position: number): Value;
  /** A constant input as numbers; `otherwise` when the input is absent. */
  numbers(position: number, otherwise?: readonly number[]): readonly number[];
}

/** Why an imported node cannot become an entry of the table; it is then kept as a foreign operator. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** One equivalent way to compute a node from other entries; the choice between ways is made per shape when a graph is compiled. */
export interface Lowering<A extends Attrs = Attrs> {
  readonly name: string;
  /**
   * Taken without measuring, anywhere that it applies, or only where an input lies in the blocked layout already (and never
   * elsewhere, since changing the layout costs more than it gains). Absent: a candidate among others.
   */
  readonly settles?: 'anywhere' | 'in blocks';
  /** Whether this way can be used for these shapes on this provider. */
  applies(node: Pick<Applied<A>, 'inputs' | 'attrs' | 'outputs'>, target: Target): boolean;
  build(inputs: readonly Value[], attrs: A, target: Target): readonly Value[];
}

/** What lowering needs to know of the machine. */
export interface Target {
  readonly provider: 'cpu' | 'webgpu' | 'cuda';
  /** Channels per block of the CPU provider's blocked convolution (16 with AVX-512, 8 with AVX2); 0 where there is none. */
  readonly block: number;
}

export interface OpSpec<A extends Attrs> {
  /** Name in ONNX, and in Potstill's own domain for what has no single ONNX operator. */
  readonly onnx: string;
  readonly domain?: string;
  /** Attributes in ONNX terms; the default reader and emitter follow this table. `otherwise` makes it optional in files. */
  readonly attributes?: { readonly [K in keyof A]?: readonly [kind: AttrKind, otherwise?: A[K]] };
  /** Types of the outputs; throws GraphError with the shapes in the message. */
  infer(inputs: readonly Value[], attrs: A): TensorType | readonly TensorType[];
  readonly vjp: Derivative<A>;
  /** Inputs broadcast to the shape of the output; `grad` sums cotangents back to the shape of each input. */
  readonly broadcasts?: true;
  /** Each element of the result depends on the elements at the same place only, so that any order of memory will do. */
  readonly pointwise?: true;
  /** The rule accepts a cotangent with 1 where the output has more, standing for equal values along that axis. */
  readonly lazy?: true;
  /** Instead of one node with the same name. */
  readonly emit?: (e: Emitter, inputs: readonly string[], node: Node, outputs: readonly string[]) => void;
  /** Builds the node of an imported file; the default takes inputs and attributes as they are. */
  readonly read?: (r: NodeReader) => Value | readonly Value[];
  /** Multiply–accumulates of one node; absent: none worth counting. */
  readonly macs?: (node: Node) => number;
  readonly lowerings?: readonly Lowering<A>[];
}

/** An operator: call it to append a node. */
export interface Op<A extends Attrs = Attrs> extends Operator {
  (inputs: readonly (Value | undefined)[], attrs: A): Value;
  /** All outputs of the node. */
  all(inputs: readonly (Value | undefined)[], attrs: A): readonly Value[];
  readonly spec: OpSpec<A>;
}

/** Makes an entry callable. Every entry is made here. */
export function op<A extends Attrs = Record<never, never>>(spec: OpSpec<A>): Op<A> {
  const all = (inputs: readonly (Value | undefined)[], attrs: A): readonly Value[] => {
    const graph = inputs.find((v) => v !== undefined)?.graph;
    if (!graph) throw new GraphError('bad-attribute', `internal: ${spec.onnx} needs at least one input`);
    const inferred = spec.infer(inputs as readonly Value[], attrs);
    const types = Array.isArray(inferred) ? (inferred as readonly TensorType[]) : [inferred as TensorType];
    return graph.node(made, inputs, attrs, types);
  };
  const call = (inputs: readonly (Value | undefined)[], attrs: A): Value => all(inputs, attrs)[0]!;
  const made: Op<A> = Object.assign(call, { onnx: spec.onnx, domain: spec.domain ?? '', all, spec });
  return made;
}

/** The entry behind a node. */
export const specOf = (node: Node): OpSpec<Attrs> => (node.op as Op).spec;

/** A mapping from an imported operator that is not an entry of its own onto entries (functions and fused operators). */
export interface Import {
  readonly onnx: string;
  readonly domain: string;
  readonly read: (r: NodeReader) => Value | readonly Value[];
}

/** Numbers become constants of the other operand's graph and dtype. */
export type Operand = Value | number;

export function toValue(x: Operand, like: Value): Value {
  return typeof x === 'number' ? like.graph.scalar(x, like.dtype) : x;
}

/** A constant of int64 numbers, the type of ONNX's axes, shapes and indices. */
export const int64s = (values: readonly number[]): Tensor => ({
  dtype: 'int64',
  shape: [values.length],
  data: BigInt64Array.from(values, (v) => BigInt(v)),
});

/** Numbers of a constant value, or undefined if it is computed. */
export function constantNumbers(v: Value | undefined): readonly number[] | undefined {
  const t = constantOf(v);
  return t && Array.from(t.data as ArrayLike<number | bigint>, Number);
}

/** A constant filled with one number. */
export function filled(graph: Graph, type: TensorType, value: number): Value {
  const shape = type.shape.map((d) => {
    if (typeof d !== 'number') throw new GraphError('shape-mismatch', `internal: cannot fill ${showType(type)}`);
    return d;
  });
  const data = new (arrayOf(type.dtype))(shape.reduce((a, b) => a * b, 1));
  if (value !== 0) (data as Float32Array).fill(value);
  return graph.constant({ dtype: type.dtype, shape, data });
}

/** An axis counted from the front; throws if the rank has no such axis. */
export function axisOf(axis: number, rank: number, where: string): number {
  const a = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(a) || a < 0 || a >= rank) throw new GraphError('bad-attribute', `${where}: axis ${axis} of rank ${rank}`);
  return a;
}
