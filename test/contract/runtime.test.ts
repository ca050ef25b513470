import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../../src/graph/graph.ts';
import { type Tensor, tensor } from '../../src/graph/type.ts';
import { readModel } from '../../src/onnx/decode.ts';
import { encode } from '../../src/onnx/encode.ts';
import { encodeRepeated, repeated } from '../../src/onnx/repeat.ts';
import { add, mul } from '../../src/ops/elementwise.ts';
import { sum } from '../../src/ops/reduce.ts';
import { ortNode } from '../../src/runtime/ort-node.ts';
import { type Provider, type Runtime, RuntimeError } from '../../src/runtime/port.ts';

/** y = x·x + 1 for any number of rows. */
function square(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: ['N', 2] });
  graph.output('y', add(mul(x, x), 1));
  graph.output('z', mul(x, 2));
  return encode(graph);
}

/** A state that grows by the sum of what is fed. */
function counter(): Graph {
  const graph = new Graph();
  const by = graph.input('by', { dtype: 'float32', shape: [2] });
  const total = graph.input('total', { dtype: 'float32', shape: [] });
  const next = add(total, sum(by));
  graph.output('next', next);
  graph.output('twice', mul(next, 2));
  return graph;
}

const rows = (...values: number[]): Tensor => tensor('float32', [values.length / 2, 2], values);

/** What every adapter has to do. A provider that is not on this machine is skipped, and must say clearly that it is not there. */
describe.each<Provider>(['cpu', 'webgpu', 'cuda'])('runtime on %s', (provider) => {
  let runtime: Runtime;
  let missing: Error | undefined;
  beforeAll(async () => {
    runtime = ortNode({ provider, threads: 1 });
    missing = await runtime.open(square()).then(
      () => undefined,
      (error: Error) => error,
    );
  });
  afterAll(() => runtime.close());

  const here = (name: string, work: () => Promise<void>): void =>
    it(name, async (context) => {
      if (missing) context.skip(`${provider} is not on this machine`);
      await work();
    });

  it.skipIf(provider === 'cpu')('says what is missing and what to do', (context) => {
    if (!missing) context.skip('it is there');
    expect(missing).toBeInstanceOf(RuntimeError);
    expect(missing!.message).toMatch(new RegExp(`provider ${provider}: .*use provider: cpu`, 's'));
  });

  here('gives outputs by name, for any size that is left open', async () => {
    const session = await runtime.open(square());
    expect(session.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['N', 2] }]);
    const { y, z } = await session.run({ x: rows(1, 2, 3, 4) });
    expect(Array.from(y!.data as Float32Array)).toEqual([2, 5, 10, 17]);
    expect(z!.shape).toEqual([2, 2]);
    expect(Object.keys(await session.run({ x: rows(5, 6) }, ['y']))).toEqual(['y']);
    await session.release();
  });

  here('gives the memory of the feeds back', async () => {
    const session = await runtime.open(square());
    const x = rows(1, 2);
    await session.run({ x });
    expect(Array.from(x.data as Float32Array)).toEqual([1, 2]);
    await session.run({ x });
    await session.release();
  });

  here('keeps state from run to run, and hands it out and takes it', async () => {
    const links = [{ input: 'total', output: 'next' }];
    const session = await runtime.openStateful(encode(counter()), links, { total: tensor('float32', [], [10]) });
    const first = await session.run({ by: tensor('float32', [2], [1, 2]) });
    expect(Object.keys(first)).toEqual(['twice']);
    expect(first.twice!.data[0]).toBe(26);
    const saved = await session.readState();
    expect(saved.total!.data[0]).toBe(13);
    await session.run({ by: tensor('float32', [2], [100, 0]) });
    await session.writeState(saved);
    expect((await session.run({ by: tensor('float32', [2], [0, 0]) })).twice!.data[0]).toBe(26);
    await session.release();
  });

  here('lets two graphs go on from one state', async () => {
    const half = new Graph();
    half.input('by', { dtype: 'float32', shape: [2] });
    half.output('next', mul(half.input('total', { dtype: 'float32', shape: [] }), 0.5));
    const links = [{ input: 'total', output: 'next' }];
    const adding = await runtime.openStateful(encode(counter()), links, { total: tensor('float32', [], [10]) });
    const halving = await adding.beside(encode(half));
    const by = (): Tensor => tensor('float32', [2], [1, 1]);
    await adding.run({ by: by() });
    await halving.run({ by: by() });
    await adding.run({ by: by() });
    await halving.release();
    expect((await adding.readState()).total!.data[0]).toBe(8);
    await adding.release();
  });

  here('ends quietly while it loads, and refuses work from then on', async () => {
    const another = ortNode({ provider, threads: 1 });
    const asked = another
      .open(square())
      .then((session) => session.release())
      .catch(() => undefined);
    await another.close();
    await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 50))]);
    await expect(another.open(square())).rejects.toThrow('closed');
    const unused = ortNode({ provider, threads: 1 });
    await unused.close();
  });

  here('runs a graph several times in a call, however many', async () => {
    const carried = [{ input: 'total', output: 'next' }];
    const links = [{ input: repeated.before('total'), output: repeated.after('total') }];
    const state = { [repeated.before('total')]: tensor('float32', [], [0]) };
    const session = await runtime.openStateful(encodeRepeated(counter(), carried), links, state);
    const call = async (...by: number[]) =>
      (
        await session.run({
          [repeated.each('by')]: tensor('float32', [by.length / 2, 2], by),
          [repeated.times]: tensor('int64', [], [by.length / 2]),
        })
      )[repeated.all('twice')]!;
    expect(Array.from((await call(1, 0, 2, 0, 3, 0)).data as Float32Array)).toEqual([2, 6, 12]);
    expect(Array.from((await call(4, 0)).data as Float32Array)).toEqual([20]);
    await session.release();
  });

  here('lets two graphs work on parts of one state, each leaving alone what is not its own', async () => {
    // Moves `own` by `by` in every repetition and reads what the other graph moves.
    const graph = (own: string, read: string, by: number): Graph => {
      const made = new Graph();
      const [mine, theirs] = [own, read].map((name) => made.input(name, { dtype: 'float32', shape: [] }));
      made.output('next', add(mine!, by));
      made.output('sum', add(mine!, theirs!));
      return made;
    };
    const parts = (own: string, read: string, by: number) => ({
      bytes: encodeRepeated(graph(own, read, by), [{ input: own, output: 'next' }], [read]),
      links: [{ input: repeated.before(own), output: repeated.after(own) }],
    });
    const [a, b] = [parts('a', 'b', 1), parts('b', 'a', 10)];
    const state = { [repeated.before('a')]: tensor('float32', [], [0]), [repeated.before('b')]: tensor('float32', [], [0]) };
    const first = await runtime.openStateful(a.bytes, a.links, state);
    const second = await first.beside(b.bytes, {}, b.links);
    const run = async (session: typeof first, times: number) =>
      Array.from(
        (await session.run({ [repeated.times]: tensor('int64', [], [times]) }))[repeated.all('sum')]!.data as Float32Array,
      );
    expect(await run(first, 2)).toEqual([0, 1]);
    expect(await run(second, 3)).toEqual([2, 12, 22]);
    expect(await run(first, 1)).toEqual([32]);
    await second.release();
    const left = await first.readState();
    expect([left[repeated.before('a')]!.data[0], left[repeated.before('b')]!.data[0]]).toEqual([3, 30]);
    await first.release();
  });

  here('shows what it makes of a model', async () => {
    const { graph } = readModel(await runtime.optimised(square()));
    expect(graph.outputs.map((v) => v.name)).toEqual(['y', 'z']);
    await expect(runtime.optimised(Uint8Array.of(1, 2, 3))).rejects.toThrow(RuntimeError);
  });

  here('times runs', async () => {
    const session = await runtime.open(square());
    const times = await session.time({ x: rows(1, 2) }, 5);
    expect(times).toHaveLength(5);
    expect(times.every((t) => t > 0)).toBe(true);
    await session.release();
  });

  here('refuses what is not a model, and wrong feeds, with a typed error, and goes on', async () => {
    await expect(runtime.open(Uint8Array.of(1, 2, 3))).rejects.toThrow(RuntimeError);
    await expect(runtime.open({ path: '/nowhere/model.onnx' })).rejects.toThrow(RuntimeError);
    const session = await runtime.open(square());
    await expect(session.run({ x: tensor('float32', [3], [1, 2, 3]) })).rejects.toThrow(RuntimeError);
    expect((await session.run({ x: rows(1, 1) })).y!.data[0]).toBe(2);
    await session.release();
  });
});
