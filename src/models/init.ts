import type { Init } from './define.ts';

export const constantInit =
  (value: number): Init =>
  (into) =>
    void into.fill(value);

export const zeros: Init = constantInit(0);
export const ones: Init = constantInit(1);

/** Uniform in ±bound. */
export const uniformInit =
  (bound: number): Init =>
  (into, draws) => {
    for (let i = 0; i < into.length; i++) into[i] = (2 * draws.uniform() - 1) * bound;
  };

export const normalInit =
  (deviation: number): Init =>
  (into, draws) => {
    for (let i = 0; i < into.length; i++) into[i] = draws.normal() * deviation;
  };

/** N(0, 2 / fan), He et al. 2015 (arXiv 1502.01852) §2.2; `fan` is fan-out for the residual networks, as usual there. */
export const heNormal = (fan: number): Init => normalInit(Math.sqrt(2 / fan));

/** Uniform in ±1/√fanIn: what PyTorch gives linear and convolution layers. */
export const fanInUniform = (fanIn: number): Init => uniformInit(1 / Math.sqrt(fanIn));
