import type { Tensor } from '../../graph/type.ts';
import type { GroupedMoments, Metadata, Moments } from '../../synthesis/metadata/metadata.ts';
import { toTriangle } from '../../synthesis/metadata/triangle.ts';
import { writeSafetensors } from '../safetensors.ts';
import { countedOf, type StatisticsHeader, statisticsKey } from './header.ts';

/**
 * Statistics as a safetensors file. `layers.0.all.mean`, `….std`, `….covariance` are of the first layer over all examples,
 * `layers.0.class.3.mean` … of class 3, `pairs.0.…` of two layers side by side; covariances are lower triangles, row after row.
 */
export function serialiseStatistics({ layers, pairs, ...rest }: Metadata): Uint8Array {
  const tensors = Object.fromEntries([
    ...layers.flatMap((layer, i) => tensorsOf(`layers.${i}`, layer)),
    ...pairs.flatMap((pair, i) => tensorsOf(`pairs.${i}`, pair)),
  ]);
  const header: StatisticsHeader = {
    version: 1,
    ...rest,
    classes: [...rest.classes],
    layers: layers.map((layer) => ({
      tap: layer.tap,
      shape: [...layer.shape],
      nonNegative: layer.nonNegative,
      ...countedOf(layer),
    })),
    pairs: pairs.map((pair) => ({ taps: [...pair.taps], ...countedOf(pair) })),
  };
  return writeSafetensors(tensors, { [statisticsKey]: JSON.stringify(header) });
}

const tensorsOf = (name: string, { all, byClass }: GroupedMoments): readonly (readonly [string, Tensor])[] => [
  ...momentTensors(`${name}.all`, all),
  ...byClass.flatMap((moments, c) => (moments ? momentTensors(`${name}.class.${c}`, moments) : [])),
];

function momentTensors(name: string, { mean, std, covariance }: Moments): readonly (readonly [string, Tensor])[] {
  const width = mean.length;
  const row = (what: string, data: Float32Array) =>
    [`${name}.${what}`, { dtype: 'float32', shape: [data.length], data }] as const;
  return [row('mean', mean), row('std', std), ...(covariance ? [row('covariance', toTriangle(covariance, width))] : [])];
}
