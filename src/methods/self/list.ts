import { csKd } from './cs-kd.ts';
import { deepSupervision } from './deep-supervision.ts';
import { meanTeacher } from './mean-teacher.ts';
import { mutual } from './mutual.ts';
import { pastSelf } from './past-self.ts';

/** What a student learns from itself, from its past, or from other students. */
export const self = [pastSelf, meanTeacher, deepSupervision, csKd, mutual] as const;
