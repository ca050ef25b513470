import type { Dim, DType, Shape, Tensor } from '../graph/type.ts';

/** What an ONNX file says, as plain data; names are those of the file. */
export interface Model {
  readonly irVersion: number;
  /** Version of each operator domain; '' is the standard one. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: ModelGraph;
  readonly functions: readonly ModelFunction[];
}

export interface ModelGraph {
  readonly name: string;
  /** What has to be fed; initializers that an old file lists as inputs too are not among them. */
  readonly inputs: readonly ModelValue[];
  readonly outputs: readonly ModelValue[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly nodes: readonly ModelNode[];
  /** Types that the file declares for values between inputs and outputs. */
  readonly values: ReadonlyMap<string, ModelValue>;
}

/** A name and as much of its type as is known. */
export interface ModelValue {
  readonly name: string;
  /** Undefined where the file does not say, or has something that is not a tensor. */
  readonly dtype: DType | undefined;
  /** Undefined where not even the rank is known. An unnamed dimension gets a name of its own. */
  readonly shape: Shape | undefined;
}

export interface ModelNode {
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** '' stands for an absent optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, ModelAttribute>;
}

export type ModelAttribute =
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'ints'; readonly value: readonly bigint[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: ModelGraph }
  /** In a function body: stands for an attribute of the node that calls it. */
  | { readonly kind: 'reference'; readonly value: string };

/** An operator defined in the file itself by other operators. */
export interface ModelFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly ModelNode[];
  /** What an attribute is when the call does not give it. */
  readonly defaults: ReadonlyMap<string, ModelAttribute>;
}

/** How a dimension without a name or size is called: after the value and the axis. */
export const unnamedDim = (value: string, axis: number): Dim => `${value}.${axis}`;
