import type { Dim, Shape } from '../graph/type.ts';
import { OnnxError } from '../onnx/error.ts';
import type { NamedTensor } from './named-tensor.ts';

/** Sizes for what a model leaves open. */
export interface Sizes {
  /** Examples in a batch; 1 unless told or `open`. */
  readonly batch?: number;
  /** By the name of the dimension (`sequence`, or `input.1` where it has none). */
  readonly dims?: Readonly<Record<string, number>>;
  /** Whole shapes by input, batch included; a name stays open. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Leave what is not given open. Such a graph can be looked at and written, not trained. */
  readonly open?: boolean;
}

/** Names of the dimension that counts examples: what the inputs call their first axis. */
export const batchNames = (inputs: readonly NamedTensor[]): ReadonlySet<Dim> =>
  new Set(inputs.flatMap(({ shape: [first] }) => (typeof first === 'string' ? [first] : [])));

/**
 * Shapes of all inputs, with no size left open unless that is asked for.
 *
 * @throws OnnxError `sizes` that names what is open, or what does not fit the file.
 */
export function shapesFor(inputs: readonly NamedTensor[], sizes: Sizes, source: string): ReadonlyMap<string, Shape> {
  const { batch = sizes.open ? undefined : 1, dims = {}, shapes = {} } = sizes;
  const batches = batchNames(inputs);
  const strange = Object.keys(shapes).find((name) => !inputs.some((v) => v.name === name));
  if (strange !== undefined) {
    const known = inputs.map((v) => v.name).join(', ');
    throw new OnnxError('sizes', `${source}: sizes for the input '${strange}', which it does not have; its inputs are ${known}`);
  }
  const open: string[] = [];
  const settle = (d: Dim, name: string): Dim => {
    const size = typeof d === 'number' ? d : (dims[d] ?? (batches.has(d) ? batch : undefined));
    if (size === undefined && !sizes.open) open.push(`'${d}' of input '${name}'`);
    return size ?? d;
  };
  const settled = inputs.map(({ name, shape }): [string, Shape] => {
    const given = shapes[name];
    if (!given) return [name, shape.map((d) => settle(d, name))];
    if (given.length !== shape.length || shape.some((d, i) => typeof d === 'number' && d !== given[i] && i > 0)) {
      throw new OnnxError('sizes', `${source}: input '${name}' is [${shape.join(',')}]; [${given.join(',')}] was asked for`);
    }
    return [name, given];
  });
  if (open.length > 0) {
    throw new OnnxError('sizes', `${source}: ${open.join(' and ')} ${open.length === 1 ? 'is' : 'are'} open; give the sizes`);
  }
  return new Map(settled.map(([name, shape]) => [name, wholeBatch(shape, name, inputs, sizes)]));
}

/** A batch that was asked for also where the file says that it is always one. */
const wholeBatch = (shape: Shape, name: string, inputs: readonly NamedTensor[], { batch = 1, shapes = {} }: Sizes): Shape => {
  const fixed = shapes[name] === undefined && inputs.every((v) => v.shape.length > 1 && v.shape[0] === 1);
  return fixed ? [batch, ...shape.slice(1)] : shape;
};
