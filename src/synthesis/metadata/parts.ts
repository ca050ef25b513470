import type { GroupedMoments, LayerMoments, Metadata, PairMoments } from './metadata.ts';

/** What is compared with the teacher at once: a layer, or two of them side by side. */
export interface Part {
  readonly taps: readonly string[];
  readonly moments: GroupedMoments;
  /** By number, whether it is never below 0. */
  readonly nonNegative: readonly boolean[];
}

const ofLayer = (layer: LayerMoments): Part => ({
  taps: [layer.tap],
  moments: layer,
  nonNegative: Array.from(layer.all.mean, () => layer.nonNegative),
});

function ofPair(pair: PairMoments, { layers }: Metadata): Part {
  const parts = pair.taps.map((tap) => ofLayer(layers.find((layer) => layer.tap === tap)!));
  return { taps: pair.taps, moments: pair, nonNegative: parts.flatMap(({ nonNegative }) => nonNegative) };
}

/** The layers of these names that were recorded, in the order of the network. */
export const layerParts = ({ layers }: Metadata, taps: ReadonlySet<string>): readonly Part[] =>
  layers.filter(({ tap }) => taps.has(tap)).map(ofLayer);

/** The recorded pairs of which both layers have these names. */
export const pairParts = (metadata: Metadata, taps: ReadonlySet<string>): readonly Part[] =>
  metadata.pairs.filter((pair) => pair.taps.every((tap) => taps.has(tap))).map((pair) => ofPair(pair, metadata));
