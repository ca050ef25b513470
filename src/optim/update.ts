import type { Value } from '../graph/graph.ts';
import { sub } from '../ops/elementwise.ts';
import type { Parameter } from './transform.ts';

/** The parameters after a step, in their order: W − u, or W itself where there is no update. */
export function applyUpdates(parameters: readonly Parameter[], updates: ReadonlyMap<string, Value>): Map<string, Value> {
  return new Map(
    parameters.map(({ name, value }) => {
      const update = updates.get(name);
      return [name, update ? sub(value, update) : value];
    }),
  );
}
