import type { SynthesisMethod } from '../synthesis/methods/define.ts';
import { synthesisMethods } from '../synthesis/methods/list.ts';
import { changedMethod, custom, usualLosses } from '../synthesis/methods/settled.ts';
import { priorOf } from '../synthesis/priors/list.ts';
import { synthesisShape } from '../synthesis/synthesis.ts';
import { type Entry, type EntryOption, optionsOf } from './entry.ts';

/** Parts that are named out of a list of their own. */
const lists: Readonly<Record<string, string>> = {
  inputs: 'inputs',
  priors: 'list of priors',
  optimizer: 'optimizer',
  losses: 'list of losses',
};

/** Everything that a recipe may say of a method, without what is usual. */
const readParts = (): readonly EntryOption[] =>
  optionsOf(changedMethod)
    .filter(({ name }) => name !== 'kind')
    .map((option) => ({ ...option, type: lists[option.name] ?? option.type }));

/** What the priors of a method want. */
const needsOf = ({ synthesis }: SynthesisMethod): string | null =>
  [...new Set(synthesis.priors.flatMap(({ kind }) => priorOf(kind).needs ?? []))].join('; ') || null;

/** The published ways of distilling without the data, with their parts as they are published, and one of the user's own. */
export function dataFreeEntries(): readonly Entry[] {
  const parts = readParts();
  return [
    ...synthesisMethods.map((method: SynthesisMethod): Entry => {
      const { kind, title, summary, paper, expect, synthesis, losses } = method;
      const published: Readonly<Record<string, unknown>> = { name: title, losses, ...synthesis };
      return {
        kind,
        summary,
        paper,
        expect,
        needs: needsOf(method),
        options: parts.map((option) => ({ ...option, fallback: published[option.name] })),
      };
    }),
    {
      kind: custom,
      summary: 'A way of your own: inputs, priors and rounds, all of them named.',
      paper: null,
      expect: 'Begin with the published method that is nearest, and change one part of it at a time.',
      needs: 'what its priors need',
      options: parts.map((option) => ({
        ...option,
        required: option.name in synthesisShape,
        fallback: option.name === 'losses' ? usualLosses : undefined,
      })),
    },
  ];
}
