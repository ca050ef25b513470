import type { z } from 'zod';
import { unionOf } from '../methods/union.ts';
import { bornAgain } from './born-again.ts';
import { capacityStudy } from './capacity-study/capacity-study.ts';
import { continual } from './continual/continual.ts';
import { crossTask } from './cross-task/cross-task.ts';
import { dataFree } from './data-free/data-free.ts';
import type { Program } from './define.ts';
import { federated } from './federated/federated.ts';
import { fewShot } from './few-shot/few-shot.ts';
import { meta } from './meta/meta.ts';
import { metaDistil } from './meta-distil/meta-distil.ts';
import { multiTask } from './multi-task/multi-task.ts';
import { privileged } from './privileged/privileged.ts';
import { teacherAssistant } from './teacher-assistant/teacher-assistant.ts';
import { teacherStudy } from './teacher-study/teacher-study.ts';

const all = [
  bornAgain,
  continual,
  federated,
  fewShot,
  crossTask,
  meta,
  metaDistil,
  multiTask,
  teacherAssistant,
  capacityStudy,
  teacherStudy,
  privileged,
  dataFree,
] as const;

/** What a recipe says under `program`. */
export const programSchema = unionOf('kind', all);
export type ProgramOptions = z.output<typeof programSchema>;

/** Every program, by the kind that recipes name. */
export const programs = all as readonly unknown[] as readonly Program[];

/** The entry behind the options. */
export const programOf = ({ kind }: ProgramOptions): Program => programs.find((p) => p.kind === kind)!;
