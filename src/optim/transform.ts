import type { Value } from '../graph/graph.ts';
import type { Shape } from '../graph/type.ts';

/** One trained tensor on its way through the optimizer. */
export interface Parameter {
  readonly name: string;
  readonly value: Value;
}

/** What a transform may use; state is declared, never hidden. */
export interface OptimContext {
  readonly parameters: readonly Parameter[];
  /**
   * State of the optimizer, kept from step to step and saved in checkpoints. Starts at `fill` (default 0) everywhere.
   * @returns the value before this step; give the value after it to `after`.
   */
  slot(name: string, shape: Shape, fill?: number): { readonly before: Value; after(next: Value): void };
  /** A rank-0 number that depends on the step alone (from 0): a schedule, a bias correction. Computed outside of the graph. */
  scalar(name: string, at: (step: number) => number): Value;
}

/**
 * A pure function from updates to updates, by parameter name. The last transform's updates are subtracted from the parameters.
 * Optimizers are chains of transforms; a parameter that is absent from the updates is left alone.
 */
export type Transform = (updates: ReadonlyMap<string, Value>, ctx: OptimContext) => ReadonlyMap<string, Value>;

/** Transforms in a row. */
export const chain =
  (...transforms: readonly Transform[]): Transform =>
  (updates, ctx) =>
    transforms.reduce((u, t) => t(u, ctx), updates);

/** A transform that treats each parameter by itself. */
export const each =
  (change: (update: Value, parameter: Parameter, ctx: OptimContext) => Value): Transform =>
  (updates, ctx) => {
    const byName = new Map(ctx.parameters.map((p) => [p.name, p]));
    return new Map([...updates].map(([name, u]) => [name, change(u, byName.get(name)!, ctx)]));
  };
