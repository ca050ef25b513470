import { random } from '../../src/data/random.ts';
import { Graph } from '../../src/graph/graph.ts';
import { sizeOf, type Tensor } from '../../src/graph/type.ts';
import { openHosts, type Subject } from '../../src/programs/data-free/host.ts';
import type { Host, Restart } from '../../src/synthesis/host.ts';
import { inputsOf, inputsSchema } from '../../src/synthesis/inputs/list.ts';

export const picture = (channels: number, height: number, width: number): Subject['example'] => ({
  layout: 'image',
  shape: [channels, height, width],
});
export const vector = (length: number): Subject['example'] => ({ layout: 'vector', shape: [length], columns: [] });

/** Means 0.3, 0.4, … and deviations 0.2, 0.25, …, by channel or number. */
export const subject = (example: Subject['example'], batchSize = 4): Subject => {
  const channels = Array.from({ length: example.shape[0] }, (_, c) => c);
  const spreads = { mean: channels.map((c) => 0.3 + 0.1 * c), std: channels.map((c) => 0.2 + 0.05 * c) };
  return { example, outputs: 5, spreads, batchSize };
};

/** Inputs in a graph, what they asked for, and what they are fed in a step. */
export function built(options: object, of: Subject) {
  const graph = new Graph();
  const hosts = openHosts(graph, of);
  const inner = hosts.of('inputs');
  const restarts: { readonly name: string; readonly how: Restart | undefined }[] = [];
  const host: Host = {
    ...inner,
    restarted(name, shape, init, how) {
      restarts.push({ name, how });
      return inner.restarted(name, shape, init, how);
    },
  };
  const parsed = inputsSchema.parse(options);
  const batch = inputsOf(parsed.kind).build(parsed as never, host);
  const made = hosts.made();
  const trained = [...made.params, ...made.restarted];
  const drawn = (shape: readonly number[], write: (into: Float32Array) => void): Tensor => {
    const data = new Float32Array(sizeOf(shape));
    write(data);
    return { dtype: 'float32', shape, data };
  };
  const feeds = (step = 0): Record<string, Tensor> =>
    Object.fromEntries([
      ...trained.map((t) => [t.name, drawn(t.shape, (into) => t.init(into, random(1, t.name)))]),
      ...[...made.perStep, ...made.perRound].map((t) => [
        t.name,
        drawn(t.shape, (into) => t.fill(into, random(1, t.name, step))),
      ]),
    ]);
  return { graph, batch, made, trained, restarts, feeds };
}
