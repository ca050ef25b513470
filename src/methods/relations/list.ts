import { cc } from './cc.ts';
import { cosineGram } from './cosine-gram.ts';
import { darkrank } from './darkrank.ts';
import { meanCosine } from './mean-cosine.ts';
import { pkt } from './pkt.ts';
import { rkdAngle } from './rkd-angle.ts';
import { rkdDistance } from './rkd-distance.ts';
import { sp } from './sp.ts';

/** How the examples of a batch relate to each other. */
export const relations = [rkdDistance, rkdAngle, sp, pkt, cc, cosineGram, meanCosine, darkrank] as const;
