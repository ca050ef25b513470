import type { Graph, Value } from '../graph/graph.ts';
import type { Extras, Progress } from '../methods/define.ts';
import { buildModel } from '../models/build.ts';
import { type BuiltBuffer, type BuiltNoise, type BuiltParameter, type Collected, openContext } from '../models/context.ts';
import type { Model } from '../models/define.ts';

export interface ExtrasHost {
  readonly graph: Graph;
  readonly student: Model;
  /** What the student sees, preprocessed. */
  readonly x: Value;
  readonly batchSize: number;
  /** Number of examples in the training set. */
  readonly examples: number;
  readonly steps: number;
  readonly stepsPerEpoch: number;
}

/** A copy of the student that follows it; names of its tensors by the student's own. */
export interface Shadow {
  readonly tensors: readonly {
    readonly name: string;
    readonly of: string;
    readonly shape: readonly number[];
    readonly before: Value;
  }[];
  /** Rank 0: how much of the copy stays. */
  readonly keep: Value;
}

/** A number that is fed in every step. */
export interface Scalar {
  readonly name: string;
  readonly at: (step: number) => number;
}

/** What all terms made for themselves. */
export interface MadeExtras {
  readonly params: readonly BuiltParameter[];
  readonly buffers: readonly BuiltBuffer[];
  readonly noise: readonly BuiltNoise[];
  readonly scalars: readonly Scalar[];
  readonly shadows: readonly Shadow[];
}

export const indicesInput = 'indices';
/** Begins the names of all that losses make for themselves. */
export const extraPrefix = 'extra.';

/** Hands every term its extras, under names of its own, and collects what they made. */
export function openExtras(host: ExtrasHost): { readonly of: (term: string) => Extras; made(): MadeExtras } {
  const { graph, student, x, batchSize, examples, steps, stepsPerEpoch } = host;
  const opened = new Map<string, { readonly extras: Extras; collected(): Collected }>();
  const models = new Map<string, ReturnType<typeof buildModel>>();
  const scalars = new Map<string, { readonly scalar: Scalar; readonly value: Value }>();
  const shadows: Shadow[] = [];
  let indices: Value | undefined;

  const scalar = (name: string, at: (progress: Progress) => number): Value => {
    const known = scalars.get(name);
    if (known) return known.value;
    const value = graph.input(name, { dtype: x.dtype, shape: [] });
    scalars.set(name, { scalar: { name, at: (step) => at({ step, steps, stepsPerEpoch }) }, value });
    return value;
  };
  const open = (term: string) => {
    const prefix = `${extraPrefix}${term}.`;
    const { ctx, collected } = openContext(graph, x.dtype, { training: true, source: 'inputs', prefix });
    const another = (name: string, training: boolean) => {
      const full = `${prefix}${name}.`;
      const made = models.get(full) ?? buildModel(student, graph, x, { training, source: 'inputs', prefix: full });
      models.set(full, made);
      return made;
    };
    const extras: Extras = {
      graph,
      param: ctx.param,
      buffer: ctx.buffer,
      uniform: ctx.uniform,
      scope: ctx.scope,
      scalar: (name, at) => scalar(prefix + name, at),
      examples,
      indices: () => {
        indices ??= graph.input(indicesInput, { dtype: 'int64', shape: [batchSize] });
        return indices;
      },
      peer: (name) => another(name, true).taps,
      shadow(name, keep) {
        const known = models.get(`${prefix}${name}.`);
        if (known) return known.taps;
        const { params, buffers, taps } = another(name, false);
        const tensors = [...params.map((p) => ({ ...p, before: p.value })), ...buffers].map((t) => ({
          name: t.name,
          of: t.name.slice(`${prefix}${name}.`.length),
          shape: t.shape,
          before: t.before,
        }));
        shadows.push({ tensors, keep: scalar(`${prefix}${name}.keep`, keep) });
        return taps;
      },
    };
    return { extras, collected };
  };
  return {
    of(term) {
      const known = opened.get(term) ?? open(term);
      opened.set(term, known);
      return known.extras;
    },
    made() {
      const following = new Set(shadows.flatMap((s) => s.tensors.map((t) => t.name)));
      const all: readonly Collected[] = [...[...opened.values()].map((o) => o.collected()), ...models.values()];
      return {
        params: all.flatMap((c) => c.params).filter((p) => !following.has(p.name)),
        buffers: all.flatMap((c) => c.buffers).filter((b) => !following.has(b.name)),
        noise: all.flatMap((c) => c.noise),
        scalars: [...scalars.values()].map((s) => s.scalar),
        shadows,
      };
    },
  };
}
