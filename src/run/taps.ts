import { nearest } from '../graph/nearest.ts';
import { type Shape, showShape } from '../graph/type.ts';
import { needsOf, termNames } from '../methods/combine.ts';
import type { Offer } from '../methods/define.ts';
import type { LossOptions } from '../methods/index.ts';
import { MismatchError } from './error.ts';

/**
 * @param where The losses in the recipe.
 * @throws MismatchError with every tap that a loss asks for and a model does not have, and the nearest it has.
 */
export function checkTaps(losses: readonly LossOptions[], offer: Offer, where: string, teacher = 'the teacher'): void {
  const names = termNames(losses);
  const problems = losses.flatMap((options, i) => {
    const needs = needsOf({ losses: [options] }, offer);
    const missing = (side: string, taps: readonly string[], offered: ReadonlyMap<string, Shape>): string[] =>
      taps
        .filter((tap) => !offered.has(tap))
        .map((tap) => `${where}: '${names[i]}' taps '${tap}' of ${side}, which has no such tensor${suggestions(tap, offered)}`);
    return [...missing('the student', needs.student, offer.student), ...missing(teacher, needs.teacher, offer.teacher)];
  });
  if (problems.length > 0) {
    throw new MismatchError(
      `${problems.join('\n')}\nname other tensors in the loss, or give inner tensors of the teacher a role with teacher.taps (potstill inspect lists them)`,
    );
  }
}

const suggestions = (tap: string, offered: ReadonlyMap<string, Shape>): string => {
  const near = nearest(tap, offered.keys(), 4).map((name) => `${name} ${showShape(offered.get(name)!)}`);
  return near.length > 0 ? `; the nearest are ${near.join(', ')}` : '';
};
