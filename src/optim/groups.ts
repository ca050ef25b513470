import { z } from 'zod';
import { fits } from '../graph/glob.ts';
import type { Value } from '../graph/graph.ts';
import { nearest } from '../graph/nearest.ts';
import { OptimError } from './error.ts';
import type { OptimContext, Transform } from './transform.ts';

const pattern = z.string().min(1);

/** Parameters whose names fit a pattern, and what is different for them. */
export const groupSchema = z.strictObject({
  match: z.union([pattern, z.array(pattern).min(1)]).describe('Names of parameters; * stands for any characters'),
  learningRate: z.number().min(0).default(1).describe('Factor on the learning rate'),
  weightDecay: z.number().min(0).optional().describe('In place of the decay of the optimizer'),
  frozen: z.boolean().default(false).describe('Leave these parameters as they are'),
});
export type Group = z.infer<typeof groupSchema>;

const patternsOf = ({ match }: Group): readonly string[] => (typeof match === 'string' ? [match] : match);

/**
 * The group of each parameter (position in the list; the first that fits counts); parameters without a group are absent.
 * @throws OptimError if a pattern fits no parameter at all.
 */
export function assignGroups(groups: readonly Group[], names: readonly string[]): ReadonlyMap<string, number> {
  const assigned = new Map<string, number>();
  groups.forEach((group, index) => {
    for (const glob of patternsOf(group)) {
      const matched = names.filter((name) => fits(name, glob));
      if (matched.length === 0) {
        throw new OptimError(
          'unknown-pattern',
          `groups.${index}.match: '${glob}' fits none of the ${names.length} parameters; the nearest are ${nearest(
            glob.replaceAll('*', ''),
            names,
          )
            .map((n) => `'${n}'`)
            .join(', ')}`,
        );
      }
      for (const name of matched) if (!assigned.has(name)) assigned.set(name, index);
    }
  });
  return assigned;
}

/** Applies to each parameter the transform of its group (`rest` where it has none). Numbers of the step get the group's name. */
export const partition =
  (groupOf: ReadonlyMap<string, number>, transforms: readonly Transform[], rest: Transform): Transform =>
  (updates, ctx) => {
    const done = new Map<string, Value>();
    [rest, ...transforms].forEach((transform, position) => {
      const index = position - 1;
      const own = new Map([...updates].filter(([name]) => (groupOf.get(name) ?? -1) === index));
      if (own.size === 0) return;
      const inner: OptimContext =
        index < 0
          ? ctx
          : {
              parameters: ctx.parameters,
              slot: (name, shape, fill) => ctx.slot(name, shape, fill),
              scalar: (name, at) => ctx.scalar(`group.${index}.${name}`, at),
            };
      for (const [name, u] of transform(own, inner)) done.set(name, u);
    });
    return new Map([...updates.keys()].flatMap((name) => (done.has(name) ? [[name, done.get(name)!]] : [])));
  };
