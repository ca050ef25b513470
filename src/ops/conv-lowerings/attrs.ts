import type { Value } from '../../graph/graph.ts';
import type { WindowAttrs } from '../window.ts';

export type ConvAttrs = WindowAttrs & { readonly group: number };

/** `shape`: of the value whose gradient it is (the input, or the weights), which sizes alone do not tell. */
export type ConvGradAttrs = ConvAttrs & { readonly shape: readonly number[] };

/** The operators a lowering builds from; handed in, because those operators list the lowerings. */
export type ConvForward = (inputs: readonly Value[], attrs: ConvAttrs) => Value;
