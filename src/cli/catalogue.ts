import type { z } from 'zod';
import { augmentations } from '../data/augmentations.ts';
import { sources } from '../data/sources.ts';
import { type Needs, noOffer, type Offer } from '../methods/define.ts';
import { families } from '../methods/index.ts';
import { layerMaps } from '../methods/layers/list.ts';
import { repairs } from '../methods/repairs/list.ts';
import { teacherWeightings } from '../methods/responses/teacher-weights/list.ts';
import { schedules } from '../methods/schedules/list.ts';
import { temperatureRules } from '../methods/temperature/list.ts';
import { weightings } from '../methods/weighting/list.ts';
import { architectures } from '../models/architectures/list.ts';
import { importedModel } from '../models/imported-options.ts';
import { optimizers } from '../optim/presets.ts';
import { programs } from '../programs/list.ts';
import { allInputs } from '../synthesis/inputs/list.ts';
import { priors } from '../synthesis/priors/list.ts';
import { dataFreeEntries } from './data-free-entries.ts';
import { type Entry, optionsOf } from './entry.ts';

export interface Topic {
  readonly name: string;
  /** Where in a recipe its entries are named. */
  readonly where: string;
  readonly entries: readonly Entry[];
}

/** What entries have in common, and what only some of them say. */
interface Source {
  readonly kind: string;
  readonly summary: string;
  readonly paper?: string;
  readonly expect?: string;
  readonly tasks?: readonly string[];
  readonly options: unknown;
  needs?(options: never, offer: Offer): Needs;
}

/** The name of an entry is the value of the key that tells the entries of its list apart. */
const namedBy =
  (key: string) =>
  (source: Omit<Source, 'kind'>): Source => ({
    ...source,
    kind: (source.options as z.ZodObject<Record<string, z.ZodLiteral<string>>>).shape[key]!.value,
  });

const lossPart = (key: string, where: string, entries: readonly Omit<Source, 'kind'>[]) => ({
  where,
  entries: entries.map(namedBy(key)).map((source) => entry(source, key)),
});

/** Everything that a recipe can name, from the lists that make the recipe's schema. */
export const catalogue = (): readonly Topic[] => [
  ...Object.entries(families).map(([name, methods]) => ({
    name,
    where: 'losses: [{ kind: … }]',
    entries: (methods as readonly unknown[] as readonly Source[]).map((source) => entry(source)),
  })),
  { name: 'layer-maps', ...lossPart('map', 'losses: [{ layers: { map: … } }]', [...layerMaps.values()]) },
  {
    name: 'schedules',
    ...lossPart('schedule', 'losses: [{ weight: { schedule: … }, temperature: { schedule: … } }]', schedules),
  },
  { name: 'temperatures', ...lossPart('by', 'losses: [{ temperature: { by: … } }]', temperatureRules) },
  { name: 'weightings', ...lossPart('by', 'losses: [{ examples: [{ by: … }] }]', weightings) },
  { name: 'teacher-weights', ...lossPart('by', 'losses: [{ kind: ensemble-kd, weights: { by: … } }]', teacherWeightings) },
  { name: 'repairs', ...lossPart('repair', 'repairs: [{ repair: … }]', repairs) },
  {
    name: 'models',
    where: 'student.model, teacher.model: { kind: … }',
    entries: [...[...architectures].map((s) => entry(s)), entry(importedModel)],
  },
  { name: 'optimizers', where: 'training.optimizer: { kind: … }', entries: optimizers.map((s) => entry(s)) },
  { name: 'data', where: 'data: { kind: … }', entries: sources.map((s) => entry(s)) },
  { name: 'augmentations', where: 'training.augment: [{ kind: … }]', entries: augmentations.map((s) => entry(s)) },
  { name: 'programs', where: 'program: { kind: … }', entries: programs.map((s) => entry(s as unknown as Source)) },
  { name: 'data-free', where: 'program: { kind: data-free, methods: [{ kind: … }] }', entries: dataFreeEntries() },
  {
    name: 'inputs',
    where: 'program: { methods: [{ inputs: { kind: … } }] }',
    entries: (allInputs as readonly unknown[] as readonly Source[]).map((s) => entry(s)),
  },
  {
    name: 'priors',
    where: 'program: { methods: [{ priors: [{ kind: … }] }] }',
    entries: priors.map(({ needs = null, ...s }) => ({ ...entry(s), needs })),
  },
];

function entry(source: Source, key = 'kind'): Entry {
  const { kind, summary, paper = null, expect = null } = source;
  const options = optionsOf(source.options as z.ZodType).filter(({ name }) => name !== key);
  return { kind, summary, paper, expect, needs: needsOf(source), options };
}

function needsOf({ kind, options, needs, tasks }: Source): string | null {
  if (!needs) return null;
  const usual = (options as z.ZodType).safeParse({ kind });
  if (!usual.success) return 'what its options name';
  const of = needs(usual.data as never, noOffer);
  const parts = [
    ...(of.teacher.length > 0 ? [`${of.teacher.join(', ')} of a teacher`] : []),
    ...(of.student.length > 0 ? [`${of.student.join(', ')} of the student`] : []),
    ...(of.labels ? ['labels'] : []),
  ];
  return [parts.join(', '), ...(tasks ? [`for ${tasks.join(' and ')}`] : [])].join('; ');
}
