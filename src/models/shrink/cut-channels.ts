import { type Tensor, tensor } from '../../graph/type.ts';
import { ModelError } from '../error.ts';
import type { ChannelAxis, ChannelGroup, Channels } from './channels.ts';

/** A thinner model out of a wider one of the same layers. */
export interface Cut {
  /** By the names of both. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Which channels of the wider model the first axis of channels of a parameter stands for that makes them. */
  kept(name: string, axis: number): readonly number[];
}

/**
 * Keeps of each layer the channels whose filters are largest (L1 norm, Li et al. 2017, arXiv 1608.08710 §3.1), in their old order;
 * channels that are added up stay or go together.
 *
 * @param weights The wider model's.
 * @throws ModelError `bad-option` where the two are not built alike, or the thinner one is wider somewhere.
 */
export function cutChannels(weights: ReadonlyMap<string, Tensor>, from: Channels, to: Channels): Cut {
  const chosen = new Map<ChannelGroup, readonly number[]>();
  const source = new Map<ChannelGroup, ChannelGroup>();
  for (const [name, axes] of to.axes) {
    const theirs = from.axes.get(name);
    if (!theirs) throw new ModelError('bad-option', `${name}: the wider model has no such layer; ${alike}`);
    axes.forEach((axis, i) => {
      if (!axis) return;
      const of = theirs[i];
      const known = source.get(axis.group);
      if (!of || of.each !== axis.each || (known && known !== of.group) || axis.group.units > of.group.units) {
        throw new ModelError(
          'bad-option',
          `${name}: axis ${i} counts ${axis.group.units} channels, and of the wider model ${of ? `${of.group.units}, which go with others` : 'none'}; ${alike}`,
        );
      }
      source.set(axis.group, of.group);
      if (!chosen.has(axis.group)) chosen.set(axis.group, largest(weights, of.group, axis.group.units, from));
    });
  }
  const places = ({ group, each }: ChannelAxis): readonly number[] =>
    chosen.get(group)!.flatMap((unit) => Array.from({ length: each }, (_, i) => unit * each + i));
  return {
    weights: new Map(
      [...to.axes].map(([name, axes]) => [
        name,
        axes.reduce((t, axis, i) => (axis ? slices(t, i, places(axis)) : t), weights.get(name)!),
      ]),
    ),
    kept: (name, axis) => chosen.get(to.axes.get(name)![axis]!.group)!,
  };
}

const alike = 'expected models of the same layers, the student with at most as many channels in each';

/** The units with the largest filters, over all layers that make them; of equals the earlier ones. */
function largest(
  weights: ReadonlyMap<string, Tensor>,
  group: ChannelGroup,
  count: number,
  { makers }: Channels,
): readonly number[] {
  const all = Array.from({ length: group.units }, (_, u) => u);
  if (count === group.units) return all;
  const scores = new Float64Array(group.units);
  for (const { name, axis } of makers.get(group)!) {
    const t = weights.get(name)!;
    const inner = t.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    (t.data as Float32Array).forEach((v, i) => {
      scores[Math.floor(i / inner) % t.shape[axis]!]! += Math.abs(v);
    });
  }
  return all
    .toSorted((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}

/** Slices of a tensor at some places along an axis. */
function slices(t: Tensor, axis: number, places: readonly number[]): Tensor {
  const inner = t.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = t.shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const size = t.shape[axis]!;
  const data = new Float32Array(outer * places.length * inner);
  for (let o = 0; o < outer; o++) {
    places.forEach((place, i) => {
      const start = (o * size + place) * inner;
      data.set((t.data as Float32Array).subarray(start, start + inner), (o * places.length + i) * inner);
    });
  }
  return tensor('float32', t.shape.with(axis, places.length), data);
}
