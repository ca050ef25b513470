import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { encode } from '../../src/onnx/encode.ts';
import { matmul } from '../../src/ops/linalg.ts';
import { MismatchError } from '../../src/run/error.ts';
import { assumed, feedsOf, measureCost, quantile, timesOf } from '../../src/run/measure.ts';
import { profileModel } from '../../src/run/profile.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import type { Feeds, Port, Runtime, Session } from '../../src/runtime/port.ts';

const port = (name: string, dtype: Port['dtype'], ...shape: Port['shape']): Port => ({ name, dtype, shape });

/** A session that takes a millisecond for every example. */
function simulated(inputs: readonly Port[]) {
  const asked: { readonly feeds: Feeds; readonly times: number }[] = [];
  const session: Session = {
    inputs,
    outputs: [],
    run: async () => ({}),
    time: async (feeds, times) => {
      asked.push({ feeds, times });
      return Array.from({ length: times }, () => Object.values(feeds)[0]!.shape[0]!);
    },
    release: async () => {},
  };
  return { session, asked };
}

describe('measuring', () => {
  it('takes the nearest rank as a quantile', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 3, 2], 0.95)).toBe(4);
    expect(quantile([7], 0.95)).toBe(7);
  });

  it('fills every kind of input, with the sizes that were given', () => {
    const feeds = feedsOf(
      [
        port('x', 'float32', 'N', 3),
        port('ids', 'int64', 'N', 'sequence'),
        port('mask', 'bool', 'N', '?1'),
        port('h', 'float16', 2),
      ],
      { batch: 4, dims: { sequence: 5 } },
    );
    expect(Object.values(feeds).map((t) => t.shape)).toEqual([[4, 3], [4, 5], [4, 1], [2]]);
    expect(feeds.ids!.data).toEqual(new BigInt64Array(20).fill(1n));
    expect(feeds.mask!.data).toEqual(new Uint8Array(4).fill(1));
    expect(new Set(feeds.x!.data as Float32Array).size).toBe(12);
    expect(() => feedsOf([port('t', 'string', 1)], {})).toThrow(MismatchError);
  });

  it('says which open sizes it had to assume', () => {
    const inputs = [port('a', 'float32', 'N', 'rows', 'columns'), port('b', 'float32', 'N', 'rows')];
    expect(assumed(inputs, {})).toEqual(['rows', 'columns']);
    expect(assumed(inputs, { dims: { rows: 2 } })).toEqual(['columns']);
    expect(assumed(inputs, { shapes: { a: [1, 2, 3] } })).toEqual(['rows']);
  });

  it('measures one example and a batch, after a warm-up', async () => {
    const { session, asked } = simulated([port('x', 'float32', 'N', 2)]);
    const found = await timesOf(session, { batch: 8, milliseconds: 20 });
    expect(found.latencyMs).toEqual({ p50: 1, p95: 1 });
    expect(found.throughput).toEqual({ batch: 8, examplesPerSecond: 1000 });
    expect(asked[0]!.times).toBe(2);
    expect(new Set(asked.map((a) => a.feeds.x!.shape[0]))).toEqual(new Set([1, 8]));
  });

  it('keeps to the batch that a model insists on', async () => {
    const { session } = simulated([port('x', 'float32', 3, 2)]);
    expect((await timesOf(session, { milliseconds: 5 })).throughput.batch).toBe(3);
  });
});

describe('measuring in the engine', () => {
  let runtime: Runtime;
  const root = mkdtempSync(join(tmpdir(), 'potstill-measure-'));
  beforeAll(() => {
    runtime = ortNode({ threads: 1 });
  });
  afterAll(async () => {
    await runtime.close();
    rmSync(root, { recursive: true, force: true });
  });

  const size = 512;
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: ['N', size] });
  graph.output('y', matmul(x, graph.constant(tensor('float32', [size, size], new Float32Array(size * size).fill(0.01)))));
  const model = encode(graph);

  it('gives the cost of a model', async () => {
    const cost = await measureCost(runtime, model, { parameters: 1, macs: 2, bytes: 3 }, { milliseconds: 20 });
    expect(cost).toMatchObject({ parameters: 1, macs: 2, bytes: 3 });
    expect(cost.latencyMs.p50).toBeGreaterThan(0);
    expect(cost.latencyMs.p95).toBeGreaterThanOrEqual(cost.latencyMs.p50);
    expect(cost.throughput).toBeGreaterThan(1000 / cost.latencyMs.p95);
  });

  it('profiles a file: what can be counted, and the memory of its weights', async () => {
    const path = join(root, 'model.onnx');
    writeFileSync(path, model);
    const found = await profileModel(path, runtime, { milliseconds: 20 });
    expect(found).toMatchObject({ parameters: size * size, macs: size * size, bytes: model.length, notes: [] });
    // Memory is counted in pages: what is read may be the weights and nothing else.
    expect(found.peakMemory).toBeGreaterThanOrEqual(size * size * 4);
    expect(found.peakMemory).toBeLessThan(50 * size * size * 4);
  });
});
