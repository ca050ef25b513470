import { ab } from './ab.ts';
import { at } from './at.ts';
import { crd } from './crd.ts';
import { fsp } from './fsp.ts';
import { ft } from './ft.ts';
import { hint } from './hint.ts';
import { nst } from './nst.ts';
import { ofd } from './ofd.ts';
import { pkd } from './pkd.ts';
import { reviewkd } from './reviewkd.ts';
import { vid } from './vid.ts';

/** What the teacher computes on the way, layer by layer. */
export const features = [hint, pkd, at, nst, vid, reviewkd, crd, ab, ft, fsp, ofd] as const;
