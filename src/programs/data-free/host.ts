import type { ExampleType, Spreads } from '../../data/dataset.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import type { Init } from '../../models/define.ts';
import type { Fill, Host, Restart } from '../../synthesis/host.ts';

/** What all parts of a synthesiser work on. */
export interface Subject {
  readonly example: ExampleType;
  /** Numbers that the teacher gives for an example. */
  readonly outputs: number;
  readonly spreads: Spreads;
  readonly batchSize: number;
}

/** A tensor of the synthesiser's. */
export interface Own {
  readonly name: string;
  readonly shape: readonly number[];
  readonly init: Init;
  readonly value: Value;
}

/** A tensor that is drawn anew, or starts from a learnt one, in each round. */
export interface Restarted extends Own {
  readonly how: Restart;
}

/** An input that is written anew. */
export interface Drawn {
  readonly name: string;
  readonly shape: readonly number[];
  readonly fill: Fill;
}

/** All that the parts of a synthesiser made for themselves in a graph. */
export interface Made {
  readonly params: readonly Own[];
  /** Trained, but drawn anew in each round. */
  readonly restarted: readonly Restarted[];
  readonly buffers: readonly (Own & { readonly after: Value })[];
  readonly perRound: readonly Drawn[];
  readonly perStep: readonly Drawn[];
}

/** Gives the parts of a synthesiser their tensors, as inputs of a graph under names that begin with the part's. */
export function openHosts(graph: Graph, subject: Subject): { of(prefix: string): Host; made(): Made } {
  const params = new Map<string, Own>();
  const restarted = new Map<string, Restarted>();
  const buffers = new Map<string, Own & { readonly after: Value }>();
  const perRound = new Map<string, Drawn & { readonly value: Value }>();
  const perStep = new Map<string, Drawn & { readonly value: Value }>();
  const input = (name: string, shape: readonly number[]): Value => graph.input(name, { dtype: 'float32', shape });
  const once = <T>(into: Map<string, T>, name: string, make: () => T): T => {
    const known = into.get(name) ?? make();
    into.set(name, known);
    return known;
  };

  const whole = (name: string, shape: readonly number[], init: Init): Own => ({ name, shape, init, value: input(name, shape) });
  const of = (prefix: string): Host => {
    const path: string[] = [prefix];
    const full = (name: string): string => [...path, name].join('.');
    const drawn =
      (into: Map<string, Drawn & { readonly value: Value }>) => (local: string, shape: readonly number[], fill: Fill) => {
        const name = full(local);
        return once(into, name, () => ({ name, shape, fill, value: input(name, shape) })).value;
      };
    return {
      graph,
      ...subject,
      param: (local, shape, init) => once(params, full(local), () => whole(full(local), shape, init)).value,
      restarted: (local, shape, init, how = {}) =>
        once(restarted, full(local), () => ({ ...whole(full(local), shape, init), how })).value,
      buffer(local, shape, init) {
        const name = full(local);
        const { after } = once(buffers, name, () => {
          const made = whole(name, shape, init);
          return { ...made, after: made.value };
        });
        return { value: after, update: (next) => void buffers.set(name, { ...buffers.get(name)!, after: next }) };
      },
      perRound: drawn(perRound),
      perStep: drawn(perStep),
      scope(name, build) {
        path.push(name);
        try {
          return graph.scoped(name, build);
        } finally {
          path.pop();
        }
      },
    };
  };
  return {
    of,
    made: () => ({
      params: [...params.values()],
      restarted: [...restarted.values()],
      buffers: [...buffers.values()],
      perRound: [...perRound.values()],
      perStep: [...perStep.values()],
    }),
  };
}
