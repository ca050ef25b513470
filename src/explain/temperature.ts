import type { SoftnessAt, SoftnessRule, TemperatureAdvice } from './knowledge.ts';
import { eachSoftTarget, type Logits } from './soft-targets.ts';

/** Temperatures that the rule chooses from; 1 is the teacher as it is, 20 the highest that Hinton et al. (2015, §3) train with. */
const considered: readonly number[] = [1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20];

/** What `adviseTemperature` asks for unless told otherwise. */
export const usualSoftness: SoftnessRule = { start: 0.25, from: 0.1, to: 0.5 };

/**
 * Softness of soft targets, 0–1: the mass outside the top class, mean over examples, divided by (K − 1)/K, which it reaches at an
 * infinite temperature. Grows with the temperature.
 */
export function softness(logits: Logits, temperature: number): number {
  const { rows, width } = logits;
  if (rows === 0 || width < 2) return 0;
  let outside = 0;
  eachSoftTarget(logits, temperature, (p) => {
    outside += 1 - p.reduce((a, b) => Math.max(a, b), 0);
  });
  return outside / rows / ((width - 1) / width);
}

/**
 * The softness rule: start from the lowest temperature at which softness reaches `start`; between `from` and `to` is worth trying.
 * It is a place to begin a search and no result of one: it looks at the teacher alone, and how much of a soft target a student can
 * follow depends on the student. In Hinton et al. (2015, arXiv 1503.02531, §3) students of 300 or more units did about equally
 * well at every T above 8, and one of 30 units clearly best at 2.5 to 4.
 */
export function adviseTemperature(logits: Logits, rule: SoftnessRule = usualSoftness): TemperatureAdvice {
  const curve = considered.map((temperature): SoftnessAt => ({ temperature, softness: softness(logits, temperature) }));
  const [first, last] = [curve[0]!, curve.at(-1)!];
  const reaching = curve.find((at) => at.softness >= rule.start);
  const chosen = reaching ?? last;
  const low = curve.find((at) => at.softness >= rule.from) ?? last;
  const high = curve.findLast((at) => at.softness <= rule.to) ?? first;
  return {
    rule,
    start: chosen.temperature,
    from: Math.min(low.temperature, chosen.temperature),
    to: Math.max(high.temperature, chosen.temperature),
    softness: chosen.softness,
    reached: !reaching ? 'not-at-highest' : first.softness >= rule.start ? 'softer-at-one' : 'yes',
    curve,
  };
}
