import type { z } from 'zod';
import { unionOf } from '../union.ts';
import { classes } from './classes.ts';
import { confidence } from './confidence.ts';
import { curriculum, teacherCurriculum } from './curriculum.ts';
import type { Weighting } from './define.ts';
import { entropy, studentEntropy } from './entropy.ts';
import { focal } from './focal.ts';
import { loss } from './loss.ts';
import { rarity } from './rarity.ts';
import { wsld } from './wsld.ts';

const all = [confidence, loss, entropy, studentEntropy, rarity, classes, curriculum, teacherCurriculum, focal, wsld] as const;

/** A rule for how much each example counts. */
export const weightingSchema = unionOf('by', all);
export type WeightingOptions = z.infer<typeof weightingSchema>;

/** Every rule. */
export const weightings = all as unknown as readonly Weighting[];

/** The rule that options belong to. */
export const weightingOf = ({ by }: Pick<WeightingOptions, 'by'>): Weighting => weightings.find((w) => w.by === by)!;
