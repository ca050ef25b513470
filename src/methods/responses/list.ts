import { confidencePenalty } from './confidence-penalty.ts';
import { cosine } from './cosine.ts';
import { dist } from './dist.ts';
import { diversity } from './diversity.ts';
import { dkd } from './dkd.ts';
import { ensembleKd } from './ensemble-kd.ts';
import { jsd } from './jsd.ts';
import { kd } from './kd.ts';
import { kdStandardised } from './kd-standardised.ts';
import { logitMae } from './logit-mae.ts';
import { logitMse } from './logit-mse.ts';
import { mappedKd } from './mapped-kd.ts';
import { maskedKd } from './masked-kd.ts';
import { mlkd } from './mlkd.ts';
import { regressionKd } from './regression-kd.ts';
import { skewKl } from './skew-kl.ts';
import { tfKd } from './tf-kd.ts';
import { topK } from './top-k.ts';
import { tvd } from './tvd.ts';
import { uld } from './uld.ts';
import { wsld } from './wsld.ts';

/** What the teacher answers. */
export const responses = [
  kd,
  logitMse,
  logitMae,
  regressionKd,
  jsd,
  skewKl,
  tvd,
  dkd,
  dist,
  kdStandardised,
  wsld,
  mlkd,
  topK,
  mappedKd,
  uld,
  ensembleKd,
  cosine,
  maskedKd,
  tfKd,
  confidencePenalty,
  diversity,
] as const;
