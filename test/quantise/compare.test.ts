import { afterAll, describe, expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { tensor } from '../../src/graph/type.ts';
import { encode } from '../../src/onnx/encode.ts';
import { add, mul } from '../../src/ops/elementwise.ts';
import { compareOutputs, compareSpeed } from '../../src/quantise/compare.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import type { Feeds, Session } from '../../src/runtime/port.ts';

const runtime = ortNode({ threads: 1 });
afterAll(() => runtime.close());

const affine = (factor: number, summand: readonly number[]): Uint8Array => {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: ['N', 2] });
  graph.output('y', add(mul(x, factor), graph.constant(tensor('float32', [2], summand))));
  return encode(graph);
};
const x = tensor('float32', [2, 2], [1, 2, 4, 3]);

describe('comparing files', () => {
  it('says how far outputs are apart, and how often the largest is the same', async () => {
    const [parity] = await compareOutputs(affine(1, [0, 0]), affine(1, [1.5, 0]), [{ x }, { x }], { runtime });
    expect(parity).toMatchObject({ output: 'y', maxError: 1.5, meanError: 0.75, agreement: 0.5 });
    expect(parity!.relativeError).toBeCloseTo(Math.sqrt(4.5 / 30), 6);
    const [same] = await compareOutputs(affine(2, [0, 0]), affine(2, [0, 0]), [{ x }], { runtime });
    expect(same).toEqual({ output: 'y', maxError: 0, meanError: 0, relativeError: 0, agreement: 1 });
  });

  it('takes one not-a-number for an error without measure', async () => {
    const [parity] = await compareOutputs(affine(1, [0, 0]), affine(Number.NaN, [0, 0]), [{ x }], { runtime });
    expect(parity!.maxError).toBe(Number.POSITIVE_INFINITY);
  });

  it('times in turn', async () => {
    const asked: string[] = [];
    const session = (name: string, milliseconds: number): Session => ({
      inputs: [],
      outputs: [],
      run: async () => ({}),
      time: async (_: Feeds, times) => {
        asked.push(name);
        return Array.from({ length: times }, () => milliseconds);
      },
      release: async () => {},
    });
    const sessions = [session('a', 6), session('b', 2)];
    const stub = { open: async () => sessions.shift()! };
    const speed = await compareSpeed(affine(1, [0, 0]), affine(1, [0, 0]), { x }, { runtime: stub, turns: 3, runs: 2 });
    expect(speed).toEqual({ first: 6, second: 2, ratio: 3 });
    expect(asked.join('')).toBe('abababab');
  });
});
