import type { z } from 'zod';
import { unionOf } from '../union.ts';
import { abstain } from './abstain.ts';
import { correct } from './correct.ts';
import type { Repair } from './define.ts';
import { permute } from './permute.ts';
import { smooth } from './smooth.ts';
import { temper } from './temper.ts';

const all = [abstain, correct, permute, smooth, temper] as const;

/** A change of the teacher's answers. */
export const repairSchema = unionOf('repair', all);
export type RepairOptions = z.infer<typeof repairSchema>;

/** Every repair. */
export const repairs = all as unknown as readonly Repair[];

/** The repair that options belong to. */
export const repairOf = ({ repair }: Pick<RepairOptions, 'repair'>): Repair => repairs.find((r) => r.repair === repair)!;
