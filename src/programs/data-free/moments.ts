import { type Dataset, subset } from '../../data/dataset.ts';
import type { Workshop } from '../define.ts';
import { rowAcross } from '../gallery.ts';
import type { GalleryRow } from '../record.ts';
import type { Lab } from './lab.ts';
import { type Probe, probeIn } from './probe.ts';

/** What a method makes as time goes by: a row of a gallery for each of some moments. */
export interface Moments {
  /** Keeps what was made at a moment, counted from 1; once it is kept it stays. Only some are: the 1st, 2nd, 4th, 8th… */
  keep(moment: number, name: string, probe: () => Promise<Probe>): Promise<void>;
  rows(): Promise<readonly GalleryRow[]>;
}

/** Nothing is looked at. */
export const noMoments: Moments = { keep: async () => {}, rows: async () => [] };

/** Moments that are taken out of a gathered set. */
export const fromSets = 8;

const isKept = (moment: number): boolean => (moment & (moment - 1)) === 0;

/**
 * Moments of a method.
 * @param slug Unique in the program.
 * @param most Moments that there can be.
 */
export function openMoments(workshop: Workshop, { splits }: Lab, slug: string, seed: number, most: number): Moments {
  const file = (moment: number): string => `${slug}-moment-${moment}`;
  const classes = splits.train.classes ?? ['made up'];
  return {
    async keep(moment, name, probe) {
      if (!isKept(moment)) return;
      await workshop.remember<GalleryRow | null>(file(moment), async () => {
        const { dataset, logits } = await probe();
        return rowAcross(workshop, file(moment), name, { dataset, logits, classes }, { each: 1, by: 'random', seed });
      });
    },
    async rows() {
      const rows: GalleryRow[] = [];
      for (let moment = 1; moment <= most; moment++) {
        if (!isKept(moment)) continue;
        const row = await workshop.remember<GalleryRow | null>(file(moment), async () => null);
        if (row) rows.push(row);
      }
      return rows;
    },
  };
}

/** Keeps moments of a set that was gathered block by block, where it still holds its first. */
export async function keepGathered(
  moments: Moments,
  set: Dataset,
  { batchSize, rounds }: { readonly batchSize: number; readonly rounds: number },
  where: Parameters<typeof probeIn>[2],
  lab: Lab,
): Promise<void> {
  if (set.size < rounds * batchSize) return;
  const parts = Math.min(fromSets, rounds);
  for (let part = 1; part <= parts; part++) {
    const last = Math.round((part * rounds) / parts);
    const from = (last - 1) * batchSize;
    await moments.keep(part, `round ${last}`, () =>
      probeIn(
        subset(
          set,
          Uint32Array.from({ length: batchSize }, (_, i) => from + i),
        ),
        lab,
        where,
      ),
    );
  }
}
