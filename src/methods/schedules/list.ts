import type { z } from 'zod';
import type { Progress } from '../define.ts';
import { unionOf } from '../union.ts';
import { approach } from './approach.ts';
import { cosine } from './cosine.ts';
import type { Schedule } from './define.ts';
import { exponential } from './exponential.ts';
import { linear } from './linear.ts';
import { step } from './step.ts';

/** How a number can change during training. Shares are of the training (each stage is one), the rates of decays per epoch. */
export const schedules = [linear, cosine, step, exponential, approach] as const;

/** A number that changes with the step. */
export const scheduleSchema = unionOf('schedule', schedules);
export type ScheduleOptions = z.infer<typeof scheduleSchema>;

const scheduleOf = ({ schedule }: ScheduleOptions): Schedule =>
  schedules.find((s) => s.options.shape.schedule.value === schedule)! as unknown as Schedule;

/** The number at a step. */
export const scheduled = (options: ScheduleOptions, progress: Progress): number => scheduleOf(options).at(options, progress);

/** A number that the schedule never falls below. */
export const lowest = (options: ScheduleOptions): number => scheduleOf(options).lowest(options);
