import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import { type Shape, sizeOf } from '../../graph/type.ts';
import { relu } from '../../ops/activations.ts';
import { add, mul, sub } from '../../ops/elementwise.ts';
import { matmul } from '../../ops/linalg.ts';
import { concat, split } from '../../ops/movement.ts';
import { mean } from '../../ops/reduce.ts';
import { flatten } from '../../ops/shape.ts';
import { SynthesisError } from '../error.ts';
import type { Host } from '../host.ts';
import { leadingBasis } from '../metadata/basis.ts';
import { usualLayers } from '../metadata/layers.ts';
import type { Metadata, Moments } from '../metadata/metadata.ts';
import { layerParts, type Part, pairParts } from '../metadata/parts.ts';
import { targetsOf } from '../metadata/targets.ts';
import { definePrior, type Scene } from './define.ts';
import { weightOption } from './options.ts';

const options = z.strictObject({
  kind: z.literal('metadata'),
  weight: weightOption,
  match: z
    .enum(['top', 'all', 'all-dropout', 'spectral', 'spectral-pairs'])
    .default('top')
    .describe(
      'top: the logits; all: every recorded layer; all-dropout: a random part of the units; spectral: along the directions in which a layer varies most; spectral-pairs: the same for two neighbouring layers together',
    ),
  layers: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('Layers beside the logits, by role or tensor name; hidden.* and embedding unless told'),
  perClass: z.boolean().default(true).describe('Draws are those of a class, another one for each example; else of all examples'),
  keep: z.number().gt(0).max(1).default(0.5).describe('all-dropout: share of the units that count in a round'),
  spectrum: z.number().gt(0).max(1).default(0.1).describe('spectral, spectral-pairs: share of the directions that count'),
  form: z
    .enum(['paper', 'code'])
    .default('paper')
    .describe('code: negative numbers count as 0 in all layers, and inner layers are divided by their size once more'),
});
type Options = z.output<typeof options>;

/** A way of comparing layers with statistics. */
interface Match {
  /** Whether other layers than the logits are wanted. */
  readonly inner: boolean;
  /** What is compared, out of layers of these names. */
  readonly parts: (metadata: Metadata, taps: ReadonlySet<string>) => readonly Part[];
  /** What `parts` looks for, for the message where there is none of it. */
  readonly wanted: string;
  /** How a file with that is made. */
  readonly collect: string;
  /** What is to be small of differences [B, D], as numbers [B, …]. */
  readonly judged: (difference: Value, part: Part, host: Host, shares: Pick<Options, 'keep' | 'spectrum'>) => Value;
}

const isTop = ({ taps }: Part): boolean => taps[0] === 'logits';

/** A mask over the units for a round; the logits are whole, as networks drop none of them. */
function dropped(difference: Value, part: Part, host: Host, { keep }: Pick<Options, 'keep'>): Value {
  if (isTop(part)) return difference;
  const width = difference.shape[1] as number;
  const mask = host.perRound(`mask ${part.taps[0]}`, [1, width], (into, draws) => {
    draws.fillUniform(into);
    // What is left counts for what is not, so that the loss has the same mean for any share.
    for (let i = 0; i < width; i++) into[i] = into[i]! < keep ? 1 / Math.sqrt(keep) : 0;
  });
  return mul(difference, mask);
}

const coefficients: Match['judged'] = (difference, { moments }, _, { spectrum }) =>
  matmul(difference, difference.graph.constant(leadingBasis(moments.all.covariance!, spectrum)));

const withCovariance = (parts: readonly Part[]): readonly Part[] => parts.filter(({ moments }) => moments.all.covariance);

const matches: Readonly<Record<Options['match'], Match>> = {
  top: {
    inner: false,
    parts: (metadata) => layerParts(metadata, new Set(['logits'])),
    wanted: 'the logits',
    collect: '--top-only',
    judged: (difference) => difference,
  },
  all: { inner: true, parts: layerParts, wanted: 'layers', collect: '--layers …', judged: (difference) => difference },
  'all-dropout': { inner: true, parts: layerParts, wanted: 'layers', collect: '--layers …', judged: dropped },
  spectral: {
    inner: true,
    parts: (metadata, taps) => withCovariance(layerParts(metadata, taps)),
    wanted: 'layers with a covariance',
    collect: '--covariance-up-to …',
    judged: coefficients,
  },
  'spectral-pairs': { inner: true, parts: pairParts, wanted: 'pairs of layers', collect: '--pairs', judged: coefficients },
};

const recorded = ({ layers }: Metadata): string => layers.map(({ tap }) => tap).join(', ');

function metadataOf({ metadata }: Scene): Metadata {
  if (metadata) return metadata;
  throw new SynthesisError(
    'metadata: found no statistics of the teacher; expected a file of them; whoever has the data makes one with `potstill collect recipe.yaml --out statistics.safetensors --per-class`, then name it in the recipe',
  );
}

/** Layers by the names of an option, the logits behind them. */
const named = (layers: readonly string[] | undefined, offered: ReadonlyMap<string, Shape>): readonly string[] =>
  layers ? [...layers.filter((tap) => tap !== 'logits'), 'logits'] : usualLayers(offered);

/** @throws SynthesisError where what is wanted was not recorded. */
function partsOf({ match, layers }: Pick<Options, 'match' | 'layers'>, scene: Scene): readonly Part[] {
  const statistics = metadataOf(scene);
  const { parts, wanted, collect } = matches[match];
  const offered = new Map([...scene.teacher].map(([tap, { shape }]) => [tap, shape.slice(1)]));
  const found = parts(statistics, new Set(named(layers, offered)));
  const missing = layers?.find((tap) => !statistics.layers.some((layer) => layer.tap === tap));
  if (missing === undefined && found.length > 0) return found;
  throw new SynthesisError(
    `metadata: the statistics are of ${recorded(statistics)}; expected ${missing ?? `${wanted} of the teacher`} for match: ${match}; collect them with ${collect}, or match something else`,
  );
}

/** @throws SynthesisError where nothing by class was recorded. */
function groupsOf({ moments }: Part, perClass: boolean): readonly Moments[] {
  if (!perClass) return [moments.all];
  const groups = moments.byClass.filter((group) => group !== null);
  if (groups.length > 0) return groups;
  throw new SynthesisError(
    'metadata: found statistics of all examples together; expected some by class; collect them with --per-class, or set perClass: false',
  );
}

/** What the teacher gives for the batch where a part was recorded, [B, D]. @throws SynthesisError for another teacher's statistics. */
function found({ taps, nonNegative }: Part, { teacher, facts }: Scene): Value {
  const layers = taps.map((tap) => flatten(teacher.get(tap)!));
  const width = layers.reduce((n, layer) => n + sizeOf(layer.shape.slice(1)), 0);
  if (width === nonNegative.length) return concat(layers, 1);
  throw new SynthesisError(
    `metadata: the statistics of ${taps.join(' and ')} are of ${nonNegative.length} numbers, and the teacher '${facts.name}' gives ${width}; expected statistics of this teacher; collect them again with it`,
  );
}

/**
 * Layers of the teacher give what was recorded of them: Lopes, Fenu & Starner 2017. At the start of a round each example gets a class
 * and draws of its layers from normal distributions with the recorded moments; the loss is the squared difference, a mean over the
 * numbers of a layer, summed over layers. `spectral` compares coefficients in the leading eigenvectors of a layer's covariance,
 * `spectral-pairs` in those of two neighbouring layers together, for the paper's transform of activations over a graph.
 *
 * Their code (iRapha/replayed_distillation) differs from the paper: it draws mean + z·L with z a row and L the Cholesky factor, which
 * has the covariance LᵀL (here mean + L·z), and falls back on deviations where there is no factor (here shrinkage); ReLUs on both sides
 * hide what is negative, in the logits too, and inner layers are divided by their size twice (`form: code`); its masks lie within the
 * teacher (here in the loss); and it has no spectral transform.
 */
export const metadata = definePrior({
  kind: 'metadata',
  summary: 'Layers of the teacher give what was recorded of them where the data is.',
  paper: 'https://arxiv.org/abs/1710.07535',
  needs: '`statistics` that were collected where the data is',
  options,
  taps: ({ match, layers }, offered) => (matches[match].inner ? named(layers, offered).filter((tap) => tap !== 'logits') : []),
  loss(chosen, scene, host) {
    const { inner, judged } = matches[chosen.match];
    const parts = partsOf(chosen, scene);
    const targets = host.perRound(
      'targets',
      [host.batchSize, parts.reduce((n, { nonNegative }) => n + nonNegative.length, 0)],
      targetsOf(parts.map((part) => ({ groups: groupsOf(part, chosen.perClass), nonNegative: part.nonNegative }))),
    );
    const drawn = split(
      targets,
      parts.map(({ nonNegative }) => nonNegative.length),
      1,
    );
    const code = chosen.form === 'code';
    const seen = (x: Value): Value => (code ? relu(x) : x);
    return parts
      .map((part, i) => {
        const difference = judged(sub(seen(found(part, scene)), seen(drawn[i]!)), part, host, chosen);
        const loss = mean(mul(difference, difference));
        return code && inner ? mul(loss, 1 / part.nonNegative.length) : loss;
      })
      .reduce(add);
  },
});
