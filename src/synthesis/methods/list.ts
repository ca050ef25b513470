import { dfad, dfq, gan, zskt } from './adversarial.ts';
import { cmi, fast } from './contrastive.ts';
import { dafl } from './dafl.ts';
import type { SynthesisMethod } from './define.ts';
import { adaptiveInversion, deepInversion } from './inversion.ts';
import { lopes } from './lopes.ts';
import { gaussian, uniform } from './noise.ts';
import { zskd } from './zskd.ts';

/** Every published way that a recipe can name; help and documentation are derived from this list. */
export const synthesisMethods = [
  uniform,
  gaussian,
  lopes,
  zskd,
  deepInversion,
  adaptiveInversion,
  dafl,
  zskt,
  dfad,
  dfq,
  gan,
  cmi,
  fast,
] as const satisfies readonly SynthesisMethod[];
