import type { Sample } from '../check.ts';
import { activationSamples, composedActivations, softmaxSamples } from './activations.ts';
import { windowSamples } from './conv.ts';
import { elementwiseSamples } from './elementwise.ts';
import { gatherSamples, movementSamples, selectSamples } from './movement.ts';
import { channelSamples, normSamples, quantizeSamples } from './norm.ts';
import { linalgSamples, reduceSamples, shapeSamples } from './shape.ts';

export const samples: readonly Sample[] = [
  ...elementwiseSamples,
  ...reduceSamples,
  ...shapeSamples,
  ...linalgSamples,
  ...movementSamples,
  ...gatherSamples,
  ...selectSamples,
  ...activationSamples,
  ...composedActivations,
  ...softmaxSamples,
  ...windowSamples,
  ...normSamples,
  ...channelSamples,
  ...quantizeSamples,
];
