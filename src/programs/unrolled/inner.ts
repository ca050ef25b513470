import { grad } from '../../autodiff/grad.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { crossEntropy } from '../../losses/cross-entropy.ts';
import { softTargets } from '../../losses/responses/soft-targets.ts';
import { buildModel } from '../../models/build.ts';
import type { Model } from '../../models/define.ts';
import { add, mul, stopGradient, sub } from '../../ops/elementwise.ts';
import { mean } from '../../ops/reduce.ts';

/** Values of trained tensors, by name. */
export type Params = ReadonlyMap<string, Value>;

/** A few examples as values of a graph. */
export interface Examples {
  /** What the model gets. */
  readonly x: Value;
  /** One-hot [B, K]. */
  readonly target: Value;
  /** Logits of the teacher [B, K]. */
  readonly teacher: Value;
}

/** How a student adapts to a task. */
export interface Inner {
  /** Weights of the teacher's soft targets and of labels. */
  readonly soft: number;
  readonly hard: number;
  readonly temperature: number;
  readonly steps: number;
}

/** The model with these values for its tensors: logits. */
export const forward = (graph: Graph, model: Model, params: Params, x: Value): Value =>
  buildModel(model, graph, x, {
    training: true,
    source: (name) => {
      const value = params.get(name);
      if (!value) throw new Error(`internal: no value for ${name}`);
      return value;
    },
  }).logits;

/** Soft targets and labels by their weights, mean over the examples: rank 0. */
export function supportLoss(logits: Value, { target, teacher }: Examples, { soft, hard, temperature }: Inner): Value {
  const fromTeacher = mean(softTargets(logits, teacher, temperature));
  return add(mul(fromTeacher, soft), mul(mean(crossEntropy(logits, target)), hard));
}

/**
 * Some steps of gradient descent, as values of the graph: θ ← θ − rate · ∇L(θ).
 *
 * @param loss Rank 0, of given parameters.
 * @param secondOrder Whether what comes of it can be differentiated through the gradients too: MAML (Finn et al. 2017, arXiv
 * 1703.03400) §2.2; without, they count as constants (FOMAML, §5.2 there).
 */
export function adapted(
  params: Params,
  loss: (params: Params) => Value,
  { steps, rate, secondOrder }: { readonly steps: number; readonly rate: Value | number; readonly secondOrder: boolean },
): Params {
  let now = params;
  for (let step = 0; step < steps; step++) {
    const gradients = grad(loss(now), [...now.values()]);
    now = new Map(
      [...now].map(([name, value], i) => {
        const g = gradients[i]!;
        return [name, sub(value, mul(secondOrder ? g : stopGradient(g), rate))];
      }),
    );
  }
  return now;
}
