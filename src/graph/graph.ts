import { GraphError } from './error.ts';
import { type Dim, type DType, isFloat, showType, type Tensor, type TensorType, tensor } from './type.ts';

/** Attributes of a node: plain data, so that a graph can be printed, compared and written. */
export type AttrValue = number | string | boolean | readonly Dim[] | Tensor | Graph | undefined;
export type Attrs = { readonly [name: string]: AttrValue };

/** What a graph needs to know of an operator; the entries with all their answers live in `ops/`. */
export interface Operator {
  readonly onnx: string;
  readonly domain: string;
}

export interface Node {
  readonly op: Operator;
  readonly inputs: readonly (Value | undefined)[];
  readonly attrs: Attrs;
  readonly outputs: readonly Value[];
  /** Position in the graph; inputs of a node always come from smaller positions. */
  readonly index: number;
  /** Where the node came from (its name in an imported file, or the scope that built it). */
  readonly label: string;
}

/** What a value is before any node has run. */
export type Origin =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly tensor: Tensor }
  | { readonly kind: 'node'; readonly node: Node; readonly index: number };

/** An immutable, typed edge of a graph; compared by identity. */
export class Value {
  readonly graph: Graph;
  readonly id: number;
  readonly type: TensorType;
  readonly origin: Origin;
  constructor(graph: Graph, id: number, type: TensorType, origin: (self: Value) => Origin) {
    this.graph = graph;
    this.id = id;
    this.type = type;
    this.origin = origin(this);
  }
  get shape(): TensorType['shape'] {
    return this.type.shape;
  }
  get dtype(): DType {
    return this.type.dtype;
  }
  get rank(): number {
    return this.type.shape.length;
  }
}

/**
 * An append-only graph: creation order is a topological order, nothing is ever rewired or removed.
 * Passes make new graphs.
 */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly outputs = new Map<string, Value>();
  /** Names people know values by (taps, parameters, tensor names of an imported file). */
  readonly names = new Map<string, Value>();
  #count = 0;
  #scope: string[] = [];
  readonly #scalars = new Map<string, Value>();

  input(name: string, type: TensorType): Value {
    if (this.inputs.some((v) => inputName(v) === name)) {
      throw new GraphError('bad-attribute', `internal: the graph has two inputs called '${name}'`);
    }
    const value = new Value(this, this.#count++, type, () => ({ kind: 'input', name }));
    this.inputs.push(value);
    return value;
  }

  constant(t: Tensor): Value {
    return new Value(this, this.#count++, { dtype: t.dtype, shape: t.shape }, () => ({ kind: 'constant', tensor: t }));
  }

  /** A rank-0 constant, made once per value and dtype. */
  scalar(value: number, dtype: DType = 'float32'): Value {
    const key = `${dtype}:${Object.is(value, -0) ? '-0' : value}`;
    const known = this.#scalars.get(key);
    if (known) return known;
    const made = this.constant(tensor(dtype, [], [value]));
    this.#scalars.set(key, made);
    return made;
  }

  node(
    op: Operator,
    inputs: readonly (Value | undefined)[],
    attrs: Attrs,
    types: readonly TensorType[],
    label?: string,
  ): readonly Value[] {
    for (const v of inputs) {
      if (v && v.graph !== this) {
        throw new GraphError('foreign-graph', `internal: ${op.onnx} got a value of another graph (${showType(v.type)})`);
      }
    }
    const outputs: Value[] = [];
    const node: Node = { op, inputs, attrs, outputs, index: this.nodes.length, label: label ?? this.#scope.join('/') };
    types.forEach((type, index) => {
      outputs.push(new Value(this, this.#count++, type, () => ({ kind: 'node', node, index })));
    });
    this.nodes.push(node);
    return outputs;
  }

  /** Declares an output under a name; the last declaration of a name wins. */
  output(name: string, value: Value): void {
    if (value.graph !== this) throw new GraphError('foreign-graph', `internal: output '${name}' belongs to another graph`);
    this.outputs.set(name, value);
  }

  /** Labels the nodes that `build` makes, for messages and printed graphs. */
  scoped<T>(name: string, build: () => T): T {
    this.#scope.push(name);
    try {
      return build();
    } finally {
      this.#scope.pop();
    }
  }
}

/** The name of a graph input, or undefined for any other value. */
export const inputName = (v: Value): string | undefined => (v.origin.kind === 'input' ? v.origin.name : undefined);

/** The tensor of a constant, or undefined for any other value. */
export const constantOf = (v: Value | undefined): Tensor | undefined =>
  v?.origin.kind === 'constant' ? v.origin.tensor : undefined;

/** The node that made a value, or undefined for inputs and constants. */
export const nodeOf = (v: Value): Node | undefined => (v.origin.kind === 'node' ? v.origin.node : undefined);

/** Whether a gradient could flow through the value at all. */
export const carriesGradient = (v: Value): boolean => isFloat(v.dtype);
