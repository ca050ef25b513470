import type { Node, Value } from '../../graph/graph.ts';

/** Whether a value is read in one place only; then what makes it may be replaced. */
export type ReadOnce = (v: Value) => boolean;

/** Appends a cheaper form of a node to the graph of its inputs, or does not. */
export type Join = (node: Node, inputs: readonly Value[], once: ReadOnce) => Value | undefined;
