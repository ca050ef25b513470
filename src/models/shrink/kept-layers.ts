import { ModelError } from '../error.ts';
import { type LayerMapName, layersFrom } from './layer-maps.ts';

/** Which layers of a file a student keeps: half of them by a map, so many by a map, or their numbers. */
export type KeptLayers = LayerMapName | { readonly map: LayerMapName; readonly count: number } | readonly number[];

/**
 * The numbers of the layers that stay, ascending. Layers that cannot be left out always do; maps choose among the others, and count
 * all.
 *
 * @param movable Of each layer, whether it can be left out.
 * @param where Its place in the recipe, and `source` the file, for messages.
 * @throws ModelError `bad-option` for a rule that does not fit the layers.
 */
export function keptLayers(rule: KeptLayers, movable: readonly boolean[], where: string, source: string): readonly number[] {
  const all = movable.map((_, i) => i);
  if (all.length === 0) {
    throw new ModelError(
      'bad-option',
      `${where}: the structure of ${source} shows no layers; expected a transformer or blocks with residual sums, which potstill inspect lists as hidden.0, hidden.1, …; take it out`,
    );
  }
  if (Array.isArray(rule)) return listed(rule as readonly number[], movable, where, source);
  const { map, count } =
    typeof rule === 'string' ? { map: rule, count: undefined } : (rule as Exclude<KeptLayers, string | readonly number[]>);
  const free = all.filter((i) => movable[i]);
  const fixed = all.length - free.length;
  const wanted = count ?? Math.max(Math.floor(all.length / 2), fixed, 1);
  if (wanted > all.length || wanted < fixed) {
    throw new ModelError(
      'bad-option',
      `${where}.count: found ${wanted}; ${source} has ${all.length} layers${fixed > 0 ? `, of which ${fixed} cannot be left out` : ''}; give a number from ${Math.max(fixed, 1)} to ${all.length}`,
    );
  }
  const chosen = layersFrom(map, wanted - fixed, free.length).map((i) => free[i]!);
  return all.filter((i) => !movable[i] || chosen.includes(i));
}

function listed(rule: readonly number[], movable: readonly boolean[], where: string, source: string): readonly number[] {
  const last = movable.length - 1;
  const strange = rule.find((i) => !Number.isInteger(i) || i < 0 || i > last);
  if (strange !== undefined) {
    throw new ModelError('bad-option', `${where}: ${strange} is not a layer of ${source}; it has 0 to ${last}`);
  }
  const ascending = [...new Set(rule)].sort((a, b) => a - b);
  if (ascending.length !== rule.length || ascending.some((layer, i) => layer !== rule[i])) {
    throw new ModelError(
      'bad-option',
      `${where}: found [${rule.join(', ')}]; layers of a file stay in their order, each once; give [${ascending.join(', ')}]`,
    );
  }
  const lost = movable.findIndex((free, i) => !free && !rule.includes(i));
  if (lost < 0) return rule;
  throw new ModelError(
    'bad-option',
    `${where}: layer ${lost} of ${source} cannot be left out: it does not carry on what enters it, such as where sizes change; add ${lost} to the list`,
  );
}
