import type { Graph, Value } from '../graph/graph.ts';
import { showType, type Tensor, type TensorType } from '../graph/type.ts';
import { constantNumbers, type NodeReader, Unreadable } from '../ops/define.ts';
import type { ModelAttribute, ModelNode } from './model.ts';

interface Around {
  readonly graph: Graph;
  readonly opset: number;
  readonly inputs: readonly (Value | undefined)[];
  /** Outputs that somebody uses. */
  readonly outputs: number;
  readonly result: TensorType | undefined;
  /** Values that are known although a node computes them, by their name in the file. */
  readonly constants: ReadonlyMap<string, Tensor>;
}

type Plain<K extends ModelAttribute['kind']> = Extract<ModelAttribute, { kind: K }>['value'];

/** Shows a node of a file to the entry that reads it. */
export function nodeReader(node: ModelNode, { graph, opset, inputs, outputs, result, constants }: Around): NodeReader {
  function get<K extends ModelAttribute['kind'], T>(name: string, kind: K, as: (v: Plain<K>) => T, otherwise: T | undefined): T {
    const a = node.attributes.get(name);
    if (a?.kind === kind) return as(a.value as Plain<K>);
    if (a) throw new Unreadable(`its attribute '${name}' is of kind ${a.kind}, expected ${kind}`);
    if (otherwise === undefined) throw new Unreadable(`it has no attribute '${name}'`);
    return otherwise;
  }
  const input = (position: number): Value => {
    const v = inputs[position];
    if (!v) throw new Unreadable(`it has no input ${position}`);
    return v;
  };
  return {
    graph,
    onnx: node.op,
    opset,
    inputs,
    outputs,
    result,
    has: (name) => node.attributes.has(name),
    int: (name, otherwise) => get(name, 'int', Number, otherwise),
    float: (name, otherwise) => get(name, 'float', (v) => v, otherwise),
    string: (name, otherwise) => get(name, 'string', (v) => v, otherwise),
    ints: (name, otherwise) => get(name, 'ints', (v) => v.map(Number), otherwise),
    floats: (name, otherwise) => get(name, 'floats', (v) => v, otherwise),
    tensor: (name) => get(name, 'tensor', (v) => v, undefined),
    input,
    numbers: (position, otherwise) => {
      if (!inputs[position] && otherwise !== undefined) return otherwise;
      const v = input(position);
      const folded = constants.get(node.inputs[position] ?? '');
      const numbers = folded ? Array.from(folded.data as ArrayLike<number | bigint>, Number) : constantNumbers(v);
      if (!numbers) throw new Unreadable(`its input ${position} (${showType(v.type)}) is computed, expected a constant`);
      return numbers;
    },
  };
}
