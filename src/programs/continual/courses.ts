import type { ObjectiveOptions } from '../../methods/combine.ts';
import { lossSchema } from '../../methods/index.ts';
import type { Tasks } from './groups.ts';
import type { ContinualOptions } from './options.ts';

/** A way of going through the tasks. */
export interface Course {
  /** In names of files. */
  readonly key: string;
  /** In tables. */
  readonly name: string;
  readonly control: boolean;
  /** Whether it keeps to what the network before said of the new examples. */
  readonly distils: boolean;
  /** Examples of each old class that it learns again; all of them where it is infinite. */
  readonly keeps: number;
  /** Whether each task starts from chance instead of from the network before. */
  readonly anew: boolean;
}

/** The method first, then what it is compared with; the last that distils is the one to be delivered. */
export function coursesOf({ exemplars, joint }: ContinualOptions): readonly Course[] {
  const keeps = exemplars === 'all' ? Number.POSITIVE_INFINITY : exemplars;
  const going = { anew: false, control: false };
  return [
    { ...going, key: 'lwf', name: 'LwF', distils: true, keeps: 0 },
    ...(keeps > 0
      ? [
          { ...going, key: 'lwf-replay', name: 'LwF and replay', distils: true, keeps },
          { ...going, key: 'replay', name: 'replay', distils: false, keeps },
        ]
      : []),
    { ...going, key: 'fine-tuning', name: 'fine-tuning', control: true, distils: false, keeps: 0 },
    ...(joint
      ? [{ key: 'joint', name: 'joint training', control: true, distils: false, keeps: Number.POSITIVE_INFINITY, anew: true }]
      : []),
  ];
}

/** The heads that some tasks make: one for each, or one for all. */
const headsOf: Readonly<Record<ContinualOptions['loss'], (tasks: Tasks) => number[][]>> = {
  task: (tasks) => tasks.map((classes) => [...classes]),
  seen: (tasks) => [tasks.flat()],
};

/** What is learnt with the last of the tasks seen. Classes that have not come yet take part in nothing: that is how heads grow. */
export function objectiveOf({ loss, weight, temperature }: ContinualOptions, seen: Tasks, { distils }: Course): ObjectiveOptions {
  const heads = headsOf[loss];
  const old = seen.slice(0, -1);
  return {
    losses: [
      lossSchema.parse({ kind: 'labels', heads: heads(seen) }),
      ...(distils && old.length > 0 ? [lossSchema.parse({ kind: 'kd', temperature, weight, heads: heads(old) })] : []),
    ],
  };
}
