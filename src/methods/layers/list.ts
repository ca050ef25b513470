import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import type { Shape } from '../../graph/type.ts';
import { add, mul } from '../../ops/elementwise.ts';
import { concat } from '../../ops/movement.ts';
import { reshape, unsqueeze } from '../../ops/shape.ts';
import { type Digest, digested, type Needs, type Offer, type Signals } from '../define.ts';
import { unionOf } from '../union.ts';
import { attention } from './attention.ts';
import { type LayerMap, upTo } from './define.ts';
import { emd } from './emd.ts';
import { blockEnds, bottomUp, last, topDown, uniform } from './fixed.ts';

const all = [uniform, blockEnds, bottomUp, topDown, last, attention, emd] as const;

/** Every map of layers, by the name that options give it. */
export const layerMaps: ReadonlyMap<string, LayerMap> = new Map(
  (all as unknown as readonly LayerMap<z.ZodObject<{ map: z.ZodLiteral<string> }>>[]).map((m) => [m.options.shape.map.value, m]),
);

const mapSchema = unionOf('map', all);
type MapOptions = z.infer<typeof mapSchema>;
export type LayerMapName = MapOptions['map'];

const tap = z.string().min(1);
const explicit = z.array(z.strictObject({ student: tap, teacher: tap })).min(1);
const names = all.map((m) => m.options.shape.map.value) as unknown as readonly [LayerMapName, ...LayerMapName[]];

/** The option of a method that compares layers: a map by name, a map with its own options, or a list of pairs of taps. */
export const layersOption = (family: string, usual: LayerMapName) =>
  z
    .union([z.enum(names), mapSchema, explicit])
    .default(usual)
    .describe(`Which ${family} layers are compared: a map by name, or pairs of taps by role or tensor name`);
export type LayersOptions = LayerMapName | MapOptions | z.infer<typeof explicit>;

/** How many taps `<family>.0`, `<family>.1`, … there are without a gap. */
function layersIn(taps: ReadonlyMap<string, Shape>, family: string): number {
  let n = 0;
  while (taps.has(`${family}.${n}`)) n++;
  return n;
}

interface Taps {
  readonly student: string;
  readonly teacher: string;
}

interface Chosen {
  readonly pairs: readonly Taps[];
  readonly join?: (signals: Signals, distances: readonly Value[]) => Value;
}

/** What options mean for the taps there are. */
function choose(layers: LayersOptions, offer: Offer, family: string): Chosen {
  if (Array.isArray(layers)) return { pairs: layers };
  const options = typeof layers === 'string' ? mapSchema.parse({ map: layers }) : layers;
  const map = layerMaps.get(options.map)!;
  const counts = { student: layersIn(offer.student, family), teacher: layersIn(offer.teacher, family) };
  const role = (i: number): string => `${family}.${i}`;
  const pairs = map.pairs(counts, options).map(([s, t]): Taps => ({ student: role(s), teacher: role(t) }));
  if (pairs.length === 0 || counts.teacher === 0) return { pairs: [{ student: role(0), teacher: role(0) }] };
  const { join } = map;
  if (!join) return { pairs };
  return {
    pairs,
    join: ({ student, teacher, extras }, distances) =>
      join(
        {
          student: upTo(counts.student).map((i) => student.get(role(i))!),
          teacher: upTo(counts.teacher).map((i) => teacher.get(role(i))!),
          distances: reshape(
            concat(
              distances.map((d) => unsqueeze(d, [1])),
              1,
            ),
            [-1, counts.student, counts.teacher],
          ),
          extras,
        },
        options,
      ),
  };
}

/** What a loss makes of the teacher's layer of a pair alone. */
export type DigestOf = (pair: Taps, offer: Offer) => Digest;

/**
 * Taps that a comparison of layers needs; the first of the family where a side offers none, so that it is reported as missing.
 * Maps that weigh layers (attention, emd) look at the layers themselves, so nothing of them is made beforehand.
 */
export function layerNeeds(
  layers: LayersOptions,
  offer: Offer,
  family: string,
  digestOf?: DigestOf,
): Pick<Needs, 'student' | 'teacher' | 'digests'> {
  const { pairs, join } = choose(layers, offer, family);
  return {
    student: [...new Set(pairs.map((p) => p.student))],
    teacher: [...new Set(pairs.map((p) => p.teacher))],
    ...(digestOf && !join && { digests: pairs.map((pair) => digestOf(pair, offer)) }),
  };
}

/**
 * Compares the layers of the student and of the teacher: the mean over the pairs of a map, or the weighted sum of a learned one.
 *
 * @param distance Gives [B] for one pair; `name` is `pair.0`, `pair.1`, … and can scope the parameters of a projector. Maps that
 *   weigh (attention, emd) compare all pairs. `teacherShape` is that of the teacher's layer for one example, behind a 1.
 * @param digestOf What `distance` gets of the teacher instead of the layer, as `layerNeeds` was told.
 * @returns [B].
 */
export function matchLayers(
  layers: LayersOptions,
  signals: Signals,
  family: string,
  distance: (student: Value, teacher: Value, name: string, teacherShape: Shape) => Value,
  digestOf?: DigestOf,
): Value {
  const { pairs, join } = choose(layers, signals.offer, family);
  const distances = pairs.map((pair, i) => {
    const teacher = digestOf ? digested(signals.teacher, digestOf(pair, signals.offer)) : signals.teacher.get(pair.teacher)!;
    const shape = [1, ...(signals.offer.teacher.get(pair.teacher) ?? [])];
    return distance(signals.student.get(pair.student)!, teacher, `pair.${i}`, shape);
  });
  if (join) return join(signals, distances);
  const total = distances.reduce((a, b) => add(a, b));
  return pairs.length === 1 ? total : mul(total, 1 / pairs.length);
}
