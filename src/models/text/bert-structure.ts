import type { Counted, Structure } from '../shrink/structure.ts';

/** Sizes of an encoder, all settled. */
export interface BertSizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly headWidth: number;
  readonly inner: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly types: number;
  readonly outputs: number;
}

const dense = (name: string, from: string | null, to: string | null): Structure['axes'] => ({
  [`${name}.weight`]: [from, to],
  [`${name}.bias`]: [to],
});
const norm = (name: string): Structure['axes'] => ({ [`${name}.weight`]: ['width'], [`${name}.bias`]: ['width'] });

/** What the axes of every parameter of `bert` and of its heads count. */
const axes: Structure['axes'] = {
  'embeddings.word.weight': ['vocabulary', 'width'],
  'embeddings.position.weight': ['positions', 'width'],
  'embeddings.type.weight': ['types', 'width'],
  ...norm('embeddings.norm'),
  ...dense('layers.*.attention.query', 'width', 'heads'),
  ...dense('layers.*.attention.key', 'width', 'heads'),
  ...dense('layers.*.attention.value', 'width', 'heads'),
  ...dense('layers.*.attention.output', 'heads', 'width'),
  ...norm('layers.*.attention.norm'),
  ...dense('layers.*.feedforward.inner', 'width', 'inner'),
  ...dense('layers.*.feedforward.output', 'inner', 'width'),
  ...norm('layers.*.feedforward.norm'),
  ...dense('pooler', 'width', 'width'),
  ...dense('classifier', 'width', 'outputs'),
  ...dense('projection', 'width', 'outputs'),
  ...dense('mlm.transform', 'width', 'width'),
  ...norm('mlm.norm'),
  'mlm.bias': ['vocabulary'],
};

const important = (units: number, each: number, ...taps: string[]): Counted => ({ units, each, kept: 'important', taps });
/** Words, classes: another number of them means other ones, so only equal numbers fit. */
const fixed = (units: number): Counted => ({ units: 1, each: units, kept: 'first', taps: [] });

/** What an encoder is made of, for cutting a smaller one out of it. */
export const bertStructure = (sizes: BertSizes): Structure => ({
  layers: sizes.layers,
  counted: {
    width: important(sizes.width, 1, 'tokens', 'hidden.*'),
    heads: important(sizes.heads, sizes.headWidth, 'heads.*'),
    inner: important(sizes.inner, 1, 'inner.*'),
    positions: { units: sizes.positions, each: 1, kept: 'first', taps: [] },
    vocabulary: fixed(sizes.vocabulary),
    types: fixed(sizes.types),
    outputs: fixed(sizes.outputs),
  },
  axes,
});
