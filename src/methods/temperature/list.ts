import { z } from 'zod';
import type { Value } from '../../graph/graph.ts';
import type { Operand } from '../../ops/define.ts';
import { mean } from '../../ops/reduce.ts';
import type { Signals } from '../define.ts';
import { lowest, type ScheduleOptions, scheduled, scheduleSchema } from '../schedules/list.ts';
import { unionOf } from '../union.ts';
import { cwsm } from './cwsm.ts';
import type { TemperatureRule } from './define.ts';
import { entropy } from './entropy.ts';
import { flsw } from './flsw.ts';
import { learned } from './learned.ts';
import { norm } from './norm.ts';

/** Every rule that looks at the batch, or learns: at the logits of the teacher, of the student, or of both. */
export const temperatureRules = [entropy, norm, flsw, cwsm, learned] as const;

const ruleSchema = unionOf('by', temperatureRules);
const overTime = scheduleSchema.refine((options) => lowest(options) > 0, 'a temperature must stay above 0');
const words = 'Softens both sides; the loss is multiplied by its square';

/** The option of a loss that softens probabilities of a teacher and a student. */
export const temperatureOption = (usual: number) =>
  z.union([z.number().positive(), overTime, ruleSchema]).default(usual).describe(words);
export type TemperatureOptions = z.infer<ReturnType<typeof temperatureOption>>;

/** The same for losses without logits of a teacher: a number, or a schedule. */
export const scheduledTemperature = (usual: number) => z.union([z.number().positive(), overTime]).default(usual).describe(words);

const ruleOf = ({ by }: z.infer<typeof ruleSchema>): TemperatureRule =>
  temperatureRules.find((rule) => rule.by === by)! as unknown as TemperatureRule;

/**
 * The temperature of this step: a number, a value of rank 0, or one for each example, [B, 1].
 *
 * @param name Tells several schedules of one loss apart.
 */
export function temperatureOf(option: TemperatureOptions, signals: Signals, name = 'temperature'): Operand {
  if (typeof option === 'number') return option;
  if ('by' in option) return ruleOf(option).of(option, signals);
  return signals.extras.scalar(name, (progress) => scheduled(option satisfies ScheduleOptions, progress));
}

/** What a loss records of its temperature: nothing of a number, else its mean over the batch. */
export const temperatureShows = (temperature: Operand): Readonly<Record<string, Value>> =>
  typeof temperature === 'number' ? {} : { temperature: mean(temperature) };
