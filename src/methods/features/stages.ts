import { z } from 'zod';
import type { Shape } from '../../graph/type.ts';
import type { Needs, Offer } from '../define.ts';
import { withPlaces } from './offers.ts';

const stage = z.strictObject({ student: z.string().min(1), teacher: z.string().min(1) });
export type Stage = z.infer<typeof stage>;

/** The option of a method that follows a network from stage to stage. */
export const stagesOption = (least: number) =>
  z
    .array(stage)
    .min(least)
    .optional()
    .describe('Taps that belong together, from the input to the output; by default evenly spread hidden layers that have places');

/** Roles `hidden.<i>` in order. */
function hidden(taps: ReadonlyMap<string, Shape>): readonly string[] {
  const place = (role: string): number => Number(role.slice('hidden.'.length));
  return [...taps.keys()].filter((role) => /^hidden\.\d+$/.test(role)).sort((a, b) => place(a) - place(b));
}

/** The ends of n even blocks, the last with the last. */
const ends = (names: readonly string[], n: number): readonly string[] =>
  Array.from({ length: n }, (_, i) => names[Math.ceil(((i + 1) * names.length) / n) - 1]!);

/** The stages that were given, or as many hidden layers as both sides have, evenly spread; `hidden.0` … where there are too few. */
export function stagesOf(given: readonly Stage[] | undefined, offer: Offer, least: number): readonly Stage[] {
  if (given) return given;
  const { student, teacher } = withPlaces(offer);
  const [s, t] = [hidden(student), hidden(teacher)];
  const n = Math.min(s.length, t.length);
  if (n < least) return Array.from({ length: least }, (_, i) => ({ student: `hidden.${i}`, teacher: `hidden.${i}` }));
  const [left, right] = [ends(s, n), ends(t, n)];
  return left.map((name, i) => ({ student: name, teacher: right[i]! }));
}

/** All taps of some stages. */
export const stageNeeds = (stages: readonly Stage[]): Needs => ({
  student: [...new Set(stages.map((s) => s.student))],
  teacher: [...new Set(stages.map((s) => s.teacher))],
  labels: false,
});
