import type { TemperatureAdvice } from '../../explain/knowledge.ts';
import { fixed } from '../format.ts';

const percent = (share: number): string => `${fixed(share * 100, 0)} %`;

const reasons: Readonly<Record<TemperatureAdvice['reached'], (advice: TemperatureAdvice) => string>> = {
  yes: ({ start, softness, rule }) =>
    `T = ${start} is the lowest temperature considered at which the targets are at least ${percent(rule.start)} soft (${percent(softness)}).`,
  'softer-at-one': ({ softness, rule }) =>
    `The targets are ${percent(softness)} soft as they are, and the rule asks for ${percent(rule.start)}: T = 1 will do.`,
  'not-at-highest': ({ start, softness, rule }) =>
    `Even at T = ${start} the targets are only ${percent(softness)} soft, and the rule asks for ${percent(rule.start)}: the teacher is nearly certain of everything, and matching its logits may carry more.`,
};

/** Where to start and why, by the softness rule. */
export const adviceWords = (advice: TemperatureAdvice): string => reasons[advice.reached](advice);

/** The temperatures worth trying. */
export const rangeWords = ({ from, to }: TemperatureAdvice): string => (from === to ? `T = ${from}` : `T = ${from} to ${to}`);

/** What softness is. */
export const softnessWords =
  'Softness is the mass outside the top class, as a share of the most there could be: 0 % is as good as a label, at 100 % all classes are alike.';

/** What the rule cannot know. */
export const adviceLimits =
  'This is a place to start a search, not its result: the rule looks at the teacher and not at the student. Small students tend to want low temperatures: in Hinton et al. (2015, section 3) students of 300 or more units in a layer did about equally well at every T above 8, and students of 30 units clearly best at 2.5 to 4.';
