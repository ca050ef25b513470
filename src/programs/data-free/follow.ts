import { exampleSize } from '../../data/dataset.ts';
import type { HistoryRow } from '../../run/record.ts';
import type { Tensors } from '../../run/store.ts';
import { type Measure, measured } from '../../synthesis/measures/measured.ts';
import { folderOf, type SettledMethod } from '../../synthesis/methods/settled.ts';
import type { Workshop } from '../define.ts';
import type { GalleryRow } from '../record.ts';
import { learnAfterwards } from './afterwards.ts';
import type { Lab } from './lab.ts';
import { fromSets, noMoments, openMoments } from './moments.ts';
import { learnOnTheWay } from './on-the-way.ts';
import type { DataFreeOptions } from './options.ts';
import { agreementOf, judging, type Probe } from './probe.ts';
import { setUp } from './setup.ts';

type Scores = Readonly<Record<string, number>>;

/** What a method came to with one seed. */
export interface Followed {
  readonly seed: number;
  /** On the real test split; null where there is none. */
  readonly test: Scores | null;
  /** How often the student says what the teacher says, of made-up examples that it has not learnt from. */
  readonly agreement: number;
  /** Of those examples, without any real one. */
  readonly measures: readonly Measure[];
  /** On the way: agreement on made-up examples, and the headline on real validation examples where there are any. */
  readonly curve: readonly { readonly share: number; readonly agreement: number; readonly real: number | null }[];
  readonly seconds: number;
}

/** The same with what is too large for results. */
export interface Kept extends Followed {
  readonly weights: Tensors;
  readonly fresh: Probe;
  /** What it made as time went by; of the first seed alone. */
  readonly moments: readonly GalleryRow[];
}

/** Where a method works. */
export const partOf = ({ title }: Pick<SettledMethod, 'title'>, seed: number): string =>
  `methods/${folderOf(title)}/seed-${seed}`;

/** Makes examples up in one way and trains a student on them, for one seed. */
export async function followMethod(
  o: DataFreeOptions,
  method: SettledMethod,
  lab: Lab,
  workshop: Workshop,
  seed: number,
): Promise<Kept> {
  const name = partOf(method, seed);
  const place = await workshop.open(name, { ...lab.recipe, seeds: [seed] });
  const judge = judging(place);
  const { task, splits, said } = lab;
  const classes = splits.train.classes !== null;
  const headline = task.headline.name;
  const slug = name.replaceAll('/', '-');
  const watched = o.shown > 0 && seed === lab.recipe.seeds[0];
  const moments = watched ? openMoments(workshop, lab, slug, seed, Math.max(o.measurements + 1, fromSets)) : noMoments;
  const setup = await setUp(o, method, lab, workshop, place, seed, moments);
  try {
    const learn = method.synthesis.student ? learnOnTheWay : learnAfterwards;
    const { weights, fresh, seconds } = await learn(setup, async (now, probe) => ({
      agreement: agreementOf(await judge(now, probe.dataset), probe.logits, classes),
      // Told, and never chosen by.
      ...(splits.validation.size > 0 && {
        [headline]: task.metrics(await judge(now, splits.validation), splits.validation, null)[headline]!,
      }),
    }));
    const facts = await workshop.remember(slug, async (): Promise<Followed> => {
      const { dataset, logits } = fresh;
      const width = exampleSize(dataset);
      const values = new Float32Array(dataset.size * width);
      for (let i = 0; i < dataset.size; i++) dataset.read(i, values, i * width);
      return {
        seed,
        test: splits.test.size > 0 ? task.metrics(await judge(weights, splits.test), splits.test, said.test) : null,
        agreement: agreementOf(await judge(weights, dataset), logits, classes),
        measures: measured({ examples: { data: values, rows: dataset.size, width }, logits: classes ? logits : null }),
        curve: curveOf(await place.store.history(), headline),
        seconds,
      };
    });
    return { ...facts, weights, fresh, moments: await moments.rows() };
  } finally {
    await setup.sampler.release();
  }
}

/** Measurements on the way, by the share of all steps that were taken. */
function curveOf(history: readonly HistoryRow[], headline: string): Followed['curve'] {
  const rows = history.filter((row) => row.split === 'validation' && row.metrics?.agreement !== undefined);
  const last = rows.at(-1)?.step ?? 1;
  return rows.map(({ step, metrics }) => ({
    share: step / last,
    agreement: metrics!.agreement!,
    real: metrics![headline] ?? null,
  }));
}
