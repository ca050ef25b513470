import { ModelError } from '../error.ts';

/** Which layer of a teacher with `theirs` layers each of `ours` starts from. */
type LayerMap = (ours: number, theirs: number) => readonly number[];

const upTo = (n: number, at: (i: number) => number): readonly number[] => Array.from({ length: n }, (_, i) => at(i));

/** Named maps. */
const maps = {
  /** The first, and from there on every second (third, …): 0, 2, 4, 6, 8, 10 of twelve. */
  'every-other': (ours, theirs) => upTo(ours, (i) => Math.floor((i * theirs) / ours)),
  /** As far apart as can be, both ends included: 0, 2, 4, 7, 9, 11 of twelve, as DistilBERT. Sanh et al. 2019 (arXiv 1910.01108). */
  spread: (ours, theirs) => upTo(ours, (i) => (ours === 1 ? 0 : Math.round((i * (theirs - 1)) / (ours - 1)))),
  first: (ours) => upTo(ours, (i) => i),
  last: (ours, theirs) => upTo(ours, (i) => theirs - ours + i),
} as const satisfies Record<string, LayerMap>;

export type LayerMapName = keyof typeof maps;
export const layerMapNames = Object.keys(maps) as readonly LayerMapName[];

/** A named map, or the teacher's layers one by one. */
export type LayerRule = LayerMapName | readonly number[];

/**
 * The teacher's layer for each layer of the student.
 *
 * @throws ModelError `bad-option` for a list of another length, for layers that the teacher lacks, and for a student with more layers.
 */
export function layersFrom(rule: LayerRule, ours: number, theirs: number): readonly number[] {
  if (typeof rule === 'string') {
    if (ours <= theirs) return maps[rule](ours, theirs);
    throw new ModelError(
      'bad-option',
      `layers: the student has ${ours}, the teacher ${theirs}; '${rule}' needs at least as many there; name them one by one (they may repeat)`,
    );
  }
  const strange = rule.find((l) => !Number.isInteger(l) || l < 0 || l >= theirs);
  if (rule.length === ours && strange === undefined) return rule;
  throw new ModelError(
    'bad-option',
    strange === undefined
      ? `layers: [${rule.join(', ')}] are ${rule.length}; the student has ${ours}; name one of the teacher's layers for each`
      : `layers: ${strange} is not a layer of the teacher; it has 0 to ${theirs - 1}`,
  );
}
